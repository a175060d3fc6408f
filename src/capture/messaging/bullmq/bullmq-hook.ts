/**
 * BullMQ 5.34 and later, by its own telemetry interface: given to each Queue, Worker and FlowProducer whose application set none.
 *
 * BullMQ reads `opts.telemetry` before each operation, by its method `trace`. It is put there out of sight when `trace` is read first, so
 * that a queue and its options look as the application made them; a telemetry of the application is left alone. Older versions have
 * none of this, and are not seen.
 */
import { context as contextApi, type Context } from '@opentelemetry/api'

import { safely } from '../../../diag/guarded.ts'
import { readField } from '../../../model/js-object.ts'
import type { LibraryHook } from '../../library-instrumentation.ts'
import type { PackageFile } from '../../package-files.ts'
import { accessMethod } from '../method-accessor.ts'
import type { MessagingOptions } from '../messaging-options.ts'
import type { MessageSend } from '../message-send.ts'
import { createBullmqTelemetry, IDLE_CONTEXT, metadataOf } from './bullmq-telemetry.ts'
import type { BullmqJob, BullmqOwner, BullmqTelemetry } from './bullmq-types.ts'
import { watchJobs } from './job-notes.ts'

type Prototype = Record<string, unknown>
type Undo = () => void

/** Opened when the first of BullMQ's files is loaded. */
export function createBullmqHook(options: MessagingOptions): LibraryHook {
  const given = new WeakMap<object, BullmqTelemetry>()
  const flows = new WeakMap<Context, MessageSend>()
  let isEnabled = true
  /** One for each queue, made by its first operation. */
  const telemetryOf = (owner: BullmqOwner & object): BullmqTelemetry | undefined => {
    if (!isEnabled) return undefined
    let telemetry = given.get(owner)
    if (telemetry === undefined) {
      telemetry = createBullmqTelemetry(owner, { ...options, isScheduler: isScheduler(owner), flows })
      given.set(owner, telemetry)
    }
    return telemetry
  }
  const watchers: Readonly<Record<string, (prototype: Prototype) => Undo>> = {
    QueueBase: (prototype) => watchQueues(prototype, telemetryOf),
    FlowProducer: (prototype) => watchFlows(prototype, telemetryOf),
    Worker: (prototype) => watchIdleLoop(prototype, options),
    Job(prototype) {
      const undo = [watchJobs(prototype), watchFlowJobs(prototype, (context) => metadataOf(flows.get(context)))]
      return () => undo.forEach((each) => each())
    },
  }
  return {
    onFile({ exports, file }) {
      const { className } = file as BullmqFile
      const prototype = readField(readField(exports, className), 'prototype') as Prototype | undefined
      if (prototype === undefined) throw new Error(`it has no class ${className}`)
      isEnabled = true
      const undo = watchers[className]?.(prototype)
      return () => {
        isEnabled = false
        undo?.()
      }
    },
  }
}

/** A file of BullMQ, and the class in it. */
export interface BullmqFile extends PackageFile {
  readonly className: string
}

/** It is a queue too, which only adds jobs of schedulers. */
function isScheduler(owner: object): boolean {
  return 'removeJobScheduler' in owner && !('add' in owner)
}

type TelemetryOf = (owner: BullmqOwner & object) => BullmqTelemetry | undefined

function watchQueues(prototype: Prototype, telemetryOf: TelemetryOf): Undo {
  if (typeof prototype['trace'] !== 'function') throw new Error('it has no telemetry')
  return accessMethod(prototype, 'trace', (owner: BullmqOwner) => {
    const { opts } = owner
    // Asked once: what is there is the application's, or ours.
    if (typeof opts !== 'object' || opts === null || 'telemetry' in opts) return
    defineTelemetry(opts, () => telemetryOf(owner))
  })
}

function watchFlows(prototype: Prototype, telemetryOf: TelemetryOf): Undo {
  defineTelemetry(prototype, (owner) => telemetryOf(owner as BullmqOwner & object))
  return () => Reflect.deleteProperty(prototype, 'telemetry')
}

/**
 * BullMQ gives the jobs of a flow what their sender carries only where the application gave them options; ours is put there when such a
 * job is written down. Up to 5 it is added to a transaction, in 6 it becomes an entry.
 */
function watchFlowJobs(prototype: Prototype, metadataIn: (context: Context) => string | undefined): Undo {
  const carry = (job: BullmqJob) => {
    const opts = job.opts as { telemetry?: unknown } | undefined
    if (opts === undefined || opts.telemetry !== undefined) return
    const metadata = metadataIn(contextApi.active())
    if (metadata !== undefined) opts.telemetry = { metadata }
  }
  const undo = ['addJob', 'toFlowEntry'].map((name) => accessMethod(prototype, name, carry))
  return () => undo.forEach((each) => each())
}

/** Out of sight, and assignable as any field. */
function defineTelemetry(target: object, telemetryOf: (owner: unknown) => BullmqTelemetry | undefined): void {
  Object.defineProperty(target, 'telemetry', {
    configurable: true,
    enumerable: false,
    get(this: unknown) {
      return safely('bullmq', telemetryOf, this)
    },
    set(this: object, value: unknown) {
      Object.defineProperty(this, 'telemetry', { value, configurable: true, enumerable: true, writable: true })
    },
  })
}

/**
 * The loop that waits for jobs: entered just before it begins, in a tick that is BullMQ's alone. Each job it then begins has a context of
 * its own.
 */
function watchIdleLoop(prototype: Prototype, { storage }: MessagingOptions): Undo {
  const entered = () => storage.enterWith(IDLE_CONTEXT)
  // Versions before 5.50 have the loop in `run`, after this.
  const name = 'mainLoop' in prototype ? 'mainLoop' : 'startLockExtenderTimer'
  return accessMethod(prototype, name, entered)
}
