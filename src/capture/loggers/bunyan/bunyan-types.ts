/**
 * What of bunyan 1.8 and 2 is used, in the shape in which bunyan itself holds it.
 */

/** bunyan's record: the logger's fields, the call's fields over them, and what bunyan adds. A new object for each call. */
export type BunyanRecord = Record<string, unknown>

export interface BunyanStream {
  /** Wants the record itself, not its line. */
  readonly raw: boolean
  readonly level: number
  readonly stream: { write(written: unknown): unknown }
}

export interface BunyanLogger {
  streams: BunyanStream[]
  readonly fields: BunyanRecord
  /** Whether each record says where it was logged. */
  readonly src: boolean
}

export interface BunyanClass {
  readonly prototype: object
  readonly nameFromLevel?: Readonly<Record<number, string>>
  /** bunyan's version. */
  readonly VERSION?: unknown
}
