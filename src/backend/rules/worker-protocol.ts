/**
 * What the backend's thread and the rules' thread say to each other.
 */
import type { Signal } from '../../model/signal.ts'
import type { Rule } from './rule.ts'

export interface RulesWorkerData {
  readonly rules: readonly Rule[]
  /** Of what is sent on. */
  readonly userAgent: string
}

export type ToRulesWorker =
  | {
      readonly kind: 'shape'
      readonly id: number
      readonly signal: Signal
      readonly bytes: Uint8Array
      readonly receivedUnixNano: bigint
    }
  /** The journal has it: what deliveries were promised of it goes. */
  | { readonly kind: 'kept'; readonly id: number }
  /** The journal has it not: whoever sent it comes again. */
  | { readonly kind: 'forgotten'; readonly id: number }
  | { readonly kind: 'reload'; readonly id: number; readonly rules: readonly Rule[] }
  | { readonly kind: 'stop' }

export type FromRulesWorker =
  | { readonly kind: 'started' }
  /** A plugin does not load. */
  | { readonly kind: 'notStarted'; readonly message: string }
  | {
      readonly kind: 'shaped'
      readonly id: number
      readonly bytes: Uint8Array
      readonly count: number
      /** By name of rule: that met it, and of these, those it dropped. Rules that met nothing are left out. */
      readonly tallies: readonly Tally[]
      /** Whether `kept` and `forgotten` are wanted. */
      readonly hasParts: boolean
    }
  | { readonly kind: 'unshaped'; readonly id: number; readonly message: string }
  /** With an error the old rules stay. */
  | { readonly kind: 'reloaded'; readonly id: number; readonly error: string | undefined }
  | { readonly kind: 'counts'; readonly counts: readonly DeliveryCounts[] }
  /** What a plugin has logged: a request of records. */
  | { readonly kind: 'logged'; readonly bytes: Uint8Array; readonly count: number }
  | { readonly kind: 'say'; readonly about: string; readonly text: string }
  | { readonly kind: 'stopped' }

export interface Tally {
  readonly name: string
  readonly matched: number
  readonly dropped: number
}

/** Of one delivery, since the backend's start. Records. */
export interface DeliveryCounts {
  /** Of its rule. */
  readonly name: string
  readonly delivered: number
  /** Never offered: no room, or refused by the other side. */
  readonly lost: number
  /** Offered to a plugin, which failed. */
  readonly failed: number
  readonly waiting: number
  /** `ok`, `failing`: the last one did not work; `off`: it failed too often. */
  readonly state: DeliveryState
  readonly lastError: string | undefined
}

export type DeliveryState = 'ok' | 'failing' | 'off'
