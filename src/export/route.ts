/**
 * Which destination of a signal answers for its records: the endpoint, or the file where there is none.
 */
import type { Signal } from '../model/signal.ts'
import { endpointName } from './otlp-endpoint.ts'
import type { PipelineOptions } from './pipeline-options.ts'
import type { Destination } from './worker-protocol.ts'

export interface Route {
  /** Whose answer counts. */
  readonly destination: Destination
  /** How the endpoint or file is called in messages. */
  readonly name: string
}

export function routeOf(
  { destinations, sender }: Pick<PipelineOptions, 'destinations' | 'sender'>,
  signal: Signal,
): Route | undefined {
  const { otlp, file } = destinations[signal]
  if (otlp) return { destination: 'otlp', name: endpointName(signal === 'logs' ? sender.logs.url : sender.traces.url) }
  return file ? { destination: 'file', name: sender.file?.path ?? '' } : undefined
}
