/**
 * The composition root of the application's half: the only place that knows the order of the stages.
 *
 * configuration -> context manager and propagators -> log chain (gate, redact, encode, queue) -> span chain -> instrumentations
 */
import type { AppConfig } from '../config/app-config.ts'

/** What runs in this process. */
export interface Engine {
  readonly config: AppConfig
}

export function startEngine(config: AppConfig): Engine {
  return { config }
}
