/**
 * What we know of a query and of a client of pg, on the very objects: nobody else sees it.
 */
import type { Context } from '@opentelemetry/api'

import { Itself } from '../hop/prototype-seams.ts'
import type { DatabaseCaller, DatabaseHop } from './database-hop.ts'
import type { DatabaseOperations } from './database-operation.ts'

/** What of pg's Client is read. */
export interface PgClient {
  readonly host?: string
  readonly port?: number
  readonly database?: string
  readonly connection?: { readonly stream?: { readonly errored?: unknown } }
  readonly _connecting?: boolean
  readonly _ending?: boolean
  /** Of pg 8.0 to 8.16. */
  readonly queryQueue?: readonly PgQuery[]
  /** Since; reading the other one is deprecated there. */
  readonly _queryQueue?: readonly PgQuery[]
}

/** What of a Query, a Cursor or a QueryStream is read. */
export interface PgQuery {
  readonly text?: unknown
  /** Of a prepared statement. */
  readonly name?: unknown
  /** Of a QueryStream. */
  readonly cursor?: PgQuery
  /** A row could not be read. */
  readonly _canceledDueToError?: unknown
  readonly _events?: { readonly row?: unknown }
}

export interface QueryNote {
  readonly context: Context
  readonly client: PgClient
  /** `undefined`: nothing is to be recorded. */
  readonly hop: DatabaseHop | undefined
}

export interface ClientNote {
  operations: DatabaseOperations | undefined
  /** Who connects it. */
  connecting: DatabaseCaller | undefined
  /** Why its connection is gone. */
  loss: unknown
}

class QueryStamp extends Itself {
  #note: QueryNote | undefined

  static get(query: object): QueryNote | undefined {
    return #note in query ? query.#note : undefined
  }

  static put(query: object, note: QueryNote): void {
    const stamped = #note in query ? query : new QueryStamp(query)
    stamped.#note = note
  }
}

class ClientStamp extends Itself {
  #note: ClientNote = { operations: undefined, connecting: undefined, loss: undefined }

  static of(client: object): ClientNote {
    return (#note in client ? client : new ClientStamp(client)).#note
  }
}

export function noteOfQuery(query: PgQuery): QueryNote | undefined {
  return QueryStamp.get(query)
}

export function noteQuery(query: PgQuery, note: QueryNote): void {
  QueryStamp.put(query, note)
}

export function noteOfClient(client: PgClient): ClientNote {
  return ClientStamp.of(client)
}
