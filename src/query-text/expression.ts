/**
 * What a query text says, as a tree: the result of parse.ts, the input of match.ts and of what turns terms into SQL or LogQL.
 */

export type Operator = ':' | '=' | '!=' | '>' | '>=' | '<' | '<='

/** A bare word or a quoted text, on the message; `*` is any text unless it was quoted. */
export interface WordTerm {
  readonly kind: 'word'
  readonly text: string
  readonly isQuoted: boolean
  readonly at: number
}
/** `key<op>value`. */
export interface FieldTerm {
  readonly kind: 'field'
  readonly key: string
  readonly operator: Operator
  readonly value: string
  readonly isQuoted: boolean
  /** Where the key and the value begin in the text. */
  readonly at: number
  readonly valueAt: number
}
export type Expression =
  | WordTerm
  | FieldTerm
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Expression[] }
  | { readonly kind: 'not'; readonly part: Expression }
