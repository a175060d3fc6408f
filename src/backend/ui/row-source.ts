/**
 * What a long list shows (rows.ts): any rows that can be asked for by their place.
 */
export interface RowSource<T> {
  readonly length: number
  /** Of an index that it has, the row. */
  at(index: number): T | undefined
}
