/**
 * What cache look-ups are told from outside, and under which name they report.
 */
import type { InstrumentationScope } from '../../model/log-record.ts'
import type { RecordEmitter } from '../../record/record-emitter.ts'
import type { HopTracer } from '../../record/tracer-provider.ts'
import type { CacheTemplates } from './cache-template.ts'

/** Spans and completion records of caches are emitted under this name. */
export const CACHE_SCOPE: InstrumentationScope = { name: 'tracelog.cache', version: '' }

export interface CacheOptions {
  readonly tracer: HopTracer
  readonly records: RecordEmitter
  /** For look-ups that end as most do; asked when there is one. Default: all take the general way. */
  readonly templates?: () => CacheTemplates | undefined
  /** SeverityNumber of a look-up's completion record; 25 writes none. Default 9 (INFO). A failed one is always ERROR. */
  readonly recordSeverity?: number
  /**
   * Default `slow`. `all`: every look-up in every cache; `slow`: all in remote caches, slow and failed ones in the process's
   * own; `off`: none.
   */
  readonly spans?: 'all' | 'slow' | 'off'
  /** Default `off`; `pattern`: keys as `user:*`. */
  readonly keys?: 'off' | 'pattern'
}
