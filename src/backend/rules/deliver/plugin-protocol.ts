/**
 * What a plugin's thread and its host say to each other.
 */
import type { Signal } from '../../../model/signal.ts'
import type { ExecAction } from '../rule.ts'

export interface PluginData {
  /** Of the rule. */
  readonly name: string
  readonly action: Pick<ExecAction, 'module' | 'options' | 'batch'>
}

export type ToPlugin =
  | { readonly kind: 'records'; readonly signal: Signal; readonly bytes: Uint8Array }
  | { readonly kind: 'stop' }

export type FromPlugin =
  | { readonly kind: 'started' }
  | { readonly kind: 'notStarted'; readonly message: string }
  /** One `handle` begins: the host's watch runs from here. */
  | { readonly kind: 'handling' }
  /** Of the records of one message: each once. */
  | { readonly kind: 'handled'; readonly count: number; readonly error: string | undefined }
  /** A fault that ends the thread, unless it has ended by itself. */
  | { readonly kind: 'fault'; readonly message: string }
  /** All records of a message are handled. */
  | { readonly kind: 'done' }
  | { readonly kind: 'logged'; readonly bytes: Uint8Array }
  | { readonly kind: 'stopped' }
