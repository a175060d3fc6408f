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

/** What a key asks for. The kinds and what may be asked of each: terms.ts. */
export type Subject =
  | {
      readonly kind:
        | 'level'
        | 'trace'
        | 'span'
        | 'since'
        | 'until'
        | 'duration'
        | 'message'
        | 'event'
        | 'severityText'
        | 'scope'
        | 'pattern'
        | 'run'
        | 'name'
    }
  /** An attribute by its own key: of the resource that sent the record, or of the record itself. */
  | { readonly kind: 'resource' | 'attribute'; readonly attribute: string }

/** `key<op>value`, found to be a question that can be asked: the operator and the value fit the subject. */
export interface FieldTerm {
  readonly kind: 'field'
  /** As it was written, for messages. */
  readonly key: string
  readonly subject: Subject
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
