/**
 * What is asked of a database, and what is said of it each time: the same object for the same question, so that what is made of it once
 * is found again.
 */
import type { AnyValue } from '../../model/any-value.ts'
import {
  ATTR_COMPONENT,
  ATTR_DB_COLLECTION_NAME,
  ATTR_DB_NAMESPACE,
  ATTR_DB_OPERATION_NAME,
  ATTR_DB_QUERY_SUMMARY,
  ATTR_DB_QUERY_TEXT,
  ATTR_DB_SYSTEM_NAME,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
} from '../../model/semconv.ts'
import { sqlShape, type SqlDialect } from './sql-shape.ts'
import { sqlSummary } from './sql-summary.ts'

export interface DatabaseOperation {
  readonly spanName: string
  readonly attributes: Readonly<Record<string, AnyValue>>
}

/** Which database, and where. */
export interface DatabasePlace {
  readonly system: 'postgresql' | 'mysql' | 'mariadb' | 'mongodb'
  /** `undefined`: not known. */
  readonly namespace: string | undefined
  /** A host, or the path of a socket. */
  readonly address: string | undefined
  readonly port: number | undefined
}

/** What is done to what, without a text. */
export interface NamedOperation {
  readonly operation: string
  readonly collection: string | undefined
}

/** Questions come from programs, but a program may write its values into them. */
const MAX_REMEMBERED = 1_000
/** A longer statement is read each time: it is as long as its values are many. Characters. */
const MAX_KEY = 1_024

/** Operations on one place. */
export class DatabaseOperations {
  readonly #place: DatabasePlace
  /** By the statement as it was given. */
  readonly #given = new Map<string, DatabaseOperation>()
  /** By what it is without its values. */
  readonly #known = new Map<string, DatabaseOperation>()

  constructor(place: DatabasePlace) {
    this.#place = place
  }

  statement(sql: string, dialect: SqlDialect): DatabaseOperation {
    const given = this.#given.get(sql)
    if (given !== undefined) return given
    const shape = sqlShape(sql, dialect)
    const operation = remembered(this.#known, shape, () => this.#ofShape(shape))
    if (sql.length <= MAX_KEY) remembered(this.#given, sql, () => operation)
    return operation
  }

  named({ operation, collection }: NamedOperation): DatabaseOperation {
    return remembered(this.#known, collection === undefined ? operation : `${operation}\n${collection}`, () => ({
      spanName: [operation, collection ?? this.#place.namespace].filter(Boolean).join(' '),
      attributes: {
        ...placeAttributes(this.#place),
        [ATTR_DB_OPERATION_NAME]: operation,
        ...(collection === undefined ? {} : { [ATTR_DB_COLLECTION_NAME]: collection }),
      },
    }))
  }

  #ofShape(shape: string): DatabaseOperation {
    const { operation, table, text } = sqlSummary(shape)
    const attributes = placeAttributes(this.#place)
    if (operation !== '') attributes[ATTR_DB_OPERATION_NAME] = operation
    if (table !== undefined) attributes[ATTR_DB_COLLECTION_NAME] = table
    if (text !== '') attributes[ATTR_DB_QUERY_SUMMARY] = text
    if (shape !== '') attributes[ATTR_DB_QUERY_TEXT] = shape
    const isAlone = text === operation
    return { spanName: isAlone ? [operation, this.#place.namespace].filter(Boolean).join(' ') : text, attributes }
  }
}

function placeAttributes({ system, namespace, address, port }: DatabasePlace): Record<string, AnyValue> {
  const attributes: Record<string, AnyValue> = { [ATTR_COMPONENT]: 'client', [ATTR_DB_SYSTEM_NAME]: system }
  if (namespace !== undefined && namespace !== '') attributes[ATTR_DB_NAMESPACE] = namespace
  if (address !== undefined && address !== '') attributes[ATTR_SERVER_ADDRESS] = address
  if (port !== undefined) attributes[ATTR_SERVER_PORT] = port
  return attributes
}

/** Operations by place. */
export class DatabasePlaces {
  readonly #known = new Map<string, DatabaseOperations>()

  of(place: DatabasePlace): DatabaseOperations {
    const { system, namespace, address, port } = place
    return remembered(
      this.#known,
      `${system}\n${namespace ?? ''}\n${address ?? ''}\n${port ?? ''}`,
      () => new DatabaseOperations(place),
    )
  }
}

function remembered<T>(known: Map<string, T>, key: string, make: () => T): T {
  const found = known.get(key)
  if (found !== undefined) return found
  const made = make()
  if (known.size >= MAX_REMEMBERED) known.clear()
  known.set(key, made)
  return made
}
