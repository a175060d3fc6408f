/**
 * What a view is to the shell. Its row is in views.ts, its code in a folder of its own.
 */
import { signal } from '@preact/signals'
import type { ComponentType } from 'preact'

import { Refused } from './api.ts'

/** What is wrong with a query. */
export interface Problem {
  readonly message: string
  /** From 0; absent: of the whole query. */
  readonly at?: number | undefined
}

export interface ViewProps {
  /** What stood at the path's `:id`, decoded; `''` for paths without. */
  readonly id: string
}

export interface View {
  /** `/logs`, or with one last segment `/traces/:id`. The backend answers it with the page (show/page-routes.ts). */
  readonly path: string
  /** In the head; a view without a name is reached by links only. */
  readonly name?: string
  /** Opens it; default: its place among those with a name, from 1. */
  readonly key?: string
  /** The document's title. */
  readonly title: string
  readonly component: ComponentType<ViewProps>
}

/** What the shown view says of its query; the view clears it when it goes. */
export const problem = signal<Problem | undefined>(undefined)
/** `1,204 requests`, beside the query. */
export const counted = signal('')
/** For `catch`: what the backend refused stands beside the query; all else is said by api.ts. */
export function showRefusal(error: unknown): void {
  if (error instanceof Refused) problem.value = { message: error.message, at: error.at }
}

/** For a view that goes. */
export function clearSaid(): void {
  problem.value = undefined
  counted.value = ''
}

/** Grows with every row that the tail brings. */
export const arrived = signal(0)
/** Whether the reader wants to see what comes. */
export const wantsLive = signal(true)
