/**
 * What the start, the public API and the end of the process do with the pipeline. In a file of its own: the public API's types lead here,
 * and must lead to no package that is not installed with us.
 */
import type { Pipeline } from '../export/pipeline-options.ts'

export type Outlet = Pick<
  Pipeline,
  'accepts' | 'stats' | 'flush' | 'shutdown' | 'drain' | 'drainWithin' | 'lastTurn' | 'sayLast' | 'goOn'
>
