/**
 * spawn, fork, exec, execFile and cluster: the child's environment carries the trace it was started in.
 *
 * By Node's own channels, which hand out the list of pairs that Node made for this one child: the application's `env` object
 * and `process.env` stay as they are. Nothing is patched on Node 24 and later; Node 22 announces a child before its pairs are
 * known, and there the native handle of that child gets a `spawn` of ours for one call: below it stands no JavaScript.
 */
import { context as contextApi } from '@opentelemetry/api'

import { withContext } from '../context/process-context.ts'
import { guarded } from '../diag/guarded.ts'
import { channelInstrumentation } from './hop/channel-subscriptions.ts'
import type { HopOptions } from './hop/hop-options.ts'
import type { Instrumentation } from './instrumentation.ts'

interface SpawnOptions {
  envPairs?: string[]
}
/** Node's handle of a child that is not started yet. */
interface ProcessHandle {
  spawn?: (...args: unknown[]) => unknown
}
interface ChildMessage {
  readonly process: { readonly _handle?: ProcessHandle | null }
  readonly options?: SpawnOptions
}

export function createChildProcessInstrumentation(hop: Pick<HopOptions, 'propagator' | 'inherited'>): Instrumentation {
  const inject = guarded('child_process.spawn', (options: SpawnOptions) => {
    const pairs = withContext(options.envPairs ?? [], contextApi.active(), hop)
    // The very list is what Node goes on with.
    if (pairs !== undefined) options.envPairs?.splice(0, Infinity, ...pairs)
  })
  return channelInstrumentation('child_process', {
    child_process: ({ process: child }: ChildMessage) => watchSpawn(child._handle, inject),
    'tracing:child_process.spawn:start': ({ process: child, options }: ChildMessage) => {
      if (child._handle !== undefined && child._handle !== null) Reflect.deleteProperty(child._handle, 'spawn')
      if (options !== undefined) inject(options)
    },
  })
}

/** For one call; where Node tells the pairs by a channel this is taken back before. */
function watchSpawn(handle: ProcessHandle | null | undefined, inject: (options: unknown) => void): void {
  const spawn = handle?.spawn
  if (handle === undefined || handle === null || spawn === undefined) return
  handle.spawn = (...args) => {
    Reflect.deleteProperty(handle, 'spawn')
    inject(args[0])
    return Reflect.apply(spawn, handle, args)
  }
}
