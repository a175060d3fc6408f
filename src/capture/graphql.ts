/**
 * Which operation of GraphQL did a request run? Its name and type on the request's SERVER span; an operation has no span of its own.
 *
 * graphql 17 publishes channels, in its CommonJS and its ES modules. graphql 16 has none, and a copy that is imported as ES modules no hook
 * sees: there an operation has no name.
 */
import { currentUnit, type RequestUnit } from '../context/request-unit.ts'
import { ATTR_GRAPHQL_OPERATION_NAME, ATTR_GRAPHQL_OPERATION_TYPE } from '../model/semconv.ts'
import type { LibraryHook } from './library-instrumentation.ts'

/** What is read of a message; both are looked up in the document when they are asked for. */
interface Operation {
  readonly operationName?: unknown
  readonly operationType?: unknown
}

/** Requests that have named one: of a batch the first counts. */
const named = new WeakSet<RequestUnit>()

/** Opened by the first operation. */
export function createGraphqlHook(): LibraryHook {
  return {
    channels: {
      'tracing:graphql:execute:start': noteOperation,
      'tracing:graphql:subscribe:start': noteOperation,
    },
  }
}

function noteOperation({ operationName: name, operationType: type }: Operation): void {
  const unit = currentUnit()
  if (unit?.hop === undefined || named.has(unit)) return
  named.add(unit)
  const attributes: Record<string, string> = {}
  if (typeof name === 'string' && name !== '') attributes[ATTR_GRAPHQL_OPERATION_NAME] = name
  if (typeof type === 'string') attributes[ATTR_GRAPHQL_OPERATION_TYPE] = type
  unit.hop.span.setAttributes(attributes)
}
