/**
 * What a row of the table of variables says: how a text is read, and which test shows from outside what the variable does.
 */
import type { AppConfig } from '../../src/config/app-config.ts'

export interface Setting {
  readonly name: string
  /** What the variable changes in the configuration. */
  readonly of: (config: AppConfig) => unknown
  /** Text and what is read from it; `undefined` as text: the variable is not set. */
  readonly values: readonly (readonly [text: string | undefined, value: unknown])[]
  /** A text that breaks the rule, the rule as the message has it, and how the message shows the text. None: every text is right. */
  readonly wrong?: readonly [text: string, rule: string, shown?: string]
  /** Set in addition, in every case of the row. */
  readonly beside?: Readonly<Record<string, string>>
  /** The test file, below test/, that shows what the variable does; it names the variable. */
  readonly seenIn: string
}

export const ANY_COUNT = 'a whole number from 0 to 9007199254740991'
export const FROM_ONE = 'a whole number from 1 to 9007199254740991'
export const ON_OFF = 'one of on, off'
