/**
 * Which operation of GraphQL did a request run, and with which error did a field of it fail? Its name and type on the request's SERVER
 * span, the first error there and on the completion record, though the answer is a 200; an operation has no span of its own.
 *
 * graphql 17 publishes channels, in its CommonJS and its ES modules. graphql 16 publishes nothing: there an operation is known when the
 * server asks graphql which one the request means (`getOperationAST`, as Apollo's server does for each). That function calls nobody and
 * has returned before a resolver runs, so one of ours in its place stands in no resolver's stack. An error of a field is given its place
 * in the answer by `locatedError`, which keeps the stack of what was thrown.
 */
import { currentUnit, type RequestUnit } from '../context/request-unit.ts'
import { safely } from '../diag/guarded.ts'
import { ATTR_GRAPHQL_OPERATION_NAME, ATTR_GRAPHQL_OPERATION_TYPE } from '../model/semconv.ts'
import type { LibraryFile, LibraryHook } from './library-instrumentation.ts'
import { notePartFailure } from './routes/request-failure.ts'

/** What is read of a message; both are looked up in the document when they are asked for. */
interface Operation {
  readonly operationName?: unknown
  readonly operationType?: unknown
}

/** What graphql 16 finds in a document. */
interface OperationNode {
  readonly name?: { readonly value?: unknown }
  readonly operation?: unknown
}

interface GetOperation {
  getOperationAST?: (document: unknown, name?: unknown) => OperationNode | null | undefined
}

/** What an operation has answered; not there yet at the end of one that goes on. */
interface Answered {
  readonly result?: { readonly errors?: readonly { readonly originalError?: unknown }[] }
}

type LocateError = (original: unknown, ...rest: readonly unknown[]) => unknown

/** Requests that have named one: of a batch the first counts. */
const named = new WeakSet<RequestUnit>()

/** Opened by the first operation. */
export function createGraphqlHook(): LibraryHook {
  return {
    channels: {
      'tracing:graphql:execute:start': noteOperation,
      'tracing:graphql:subscribe:start': noteOperation,
      'tracing:graphql:execute:end': noteErrors,
      'tracing:graphql:execute:asyncEnd': noteErrors,
    },
    onFile: (file) => (file.file.file === 'error/locatedError.js' ? hookLocatedError(file) : hookGetOperation(file)),
  }
}

function noteErrors({ result }: Answered): void {
  const [first] = result?.errors ?? []
  if (first !== undefined) notePartFailure(first.originalError ?? first)
}

/** @returns nothing of a graphql that publishes */
function hookLocatedError({ exports, version }: LibraryFile): (() => void) | undefined {
  const file = exports as { locatedError?: LocateError }
  const original = file.locatedError
  if (typeof original !== 'function') throw new TypeError('it has no locatedError')
  if (!version.startsWith('16.')) return undefined
  function locatedError(thrown: unknown, ...rest: readonly unknown[]): unknown {
    safely('graphql', notePartFailure, thrown)
    return original!(thrown, ...rest)
  }
  file.locatedError = locatedError
  return () => {
    if (file.locatedError === locatedError) file.locatedError = original
  }
}

/** @returns nothing of a graphql that publishes */
function hookGetOperation({ exports, version }: LibraryFile): (() => void) | undefined {
  const file = exports as GetOperation
  const original = file.getOperationAST
  if (typeof original !== 'function') throw new TypeError('it has no getOperationAST')
  if (!version.startsWith('16.')) return undefined
  function getOperationAST(document: unknown, name?: unknown): OperationNode | null | undefined {
    const found = original!(document, name)
    safely('graphql', () => noteOperation({ operationName: found?.name?.value, operationType: found?.operation }))
    return found
  }
  file.getOperationAST = getOperationAST
  return () => {
    if (file.getOperationAST === getOperationAST) file.getOperationAST = original
  }
}

function noteOperation({ operationName: name, operationType: type }: Operation): void {
  const unit = currentUnit()
  if (unit?.hop === undefined || named.has(unit) || type === undefined) return
  named.add(unit)
  const attributes: Record<string, string> = {}
  if (typeof name === 'string' && name !== '') attributes[ATTR_GRAPHQL_OPERATION_NAME] = name
  if (typeof type === 'string') attributes[ATTR_GRAPHQL_OPERATION_TYPE] = type
  unit.hop.span.setAttributes(attributes)
}
