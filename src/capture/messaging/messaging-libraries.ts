/**
 * The libraries whose messages are hops: their names and files. What is done with them is compiled when one of them is loaded.
 */
import type { Instrumentation } from '../instrumentation.ts'
import { libraryInstrumentation } from '../library-instrumentation.ts'
import { createBullmqHook, type BullmqFile } from './bullmq/bullmq-hook.ts'
import type { MessagingOptions } from './messaging-options.ts'

const BULLMQ: readonly BullmqFile[] = ['QueueBase', 'FlowProducer', 'Worker', 'Job'].map((className) => ({
  package: 'bullmq',
  file: `dist/cjs/classes/${fileOf(className)}.js`,
  className,
}))

/** In the order in which they are to be enabled. */
export function createMessagingInstrumentations(options: MessagingOptions): readonly Instrumentation[] {
  return [libraryInstrumentation({ name: 'bullmq', files: BULLMQ, open: () => createBullmqHook(options) })]
}

/** `QueueBase` -> `queue-base`. */
function fileOf(className: string): string {
  return className.replaceAll(/\B[A-Z]/g, '-$&').toLowerCase()
}
