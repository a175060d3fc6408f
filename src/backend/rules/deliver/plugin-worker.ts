/**
 * The thread of one plugin: loads the module, and calls it with records, one batch at a time.
 */
import { pathToFileURL } from 'node:url'
import { parentPort, workerData } from 'node:worker_threads'

import { monotonicMillis } from '../../../diag/clock.ts'
import type { Attributes } from '../../../model/any-value.ts'
import { decodeLogsRequest, decodeTracesRequest } from '../../../model/otlp-decode.ts'
import type { CreateProcessor, FlatRecord, Processor, ProcessorContext } from '../../../processor.ts'
import { rowOf, type Subject } from '../subject.ts'
import { encodeRuleLog } from './rule-log.ts'
import type { FromPlugin, PluginData, ToPlugin } from './plugin-protocol.ts'

/** Source: spec, rules. Milliseconds. */
const MAX_MATCH_MILLIS = 50

const port = parentPort
if (port === null) throw new Error('plugin-worker.js is started by the rules, not by itself')
const { name, action } = workerData as PluginData
const say = (message: FromPlugin): void => port.postMessage(message)
const ending = new AbortController()

/** One after the other, in the order in which they came. */
let last: Promise<void> = Promise.resolve()

try {
  const processor = await load()
  port.on('message', (message: ToPlugin) => {
    last = last.then(() => (message.kind === 'stop' ? stop(processor) : handleAll(processor, message)))
  })
  say({ kind: 'started' })
} catch (error) {
  say({ kind: 'notStarted', message: textOf(error) })
}

async function load(): Promise<Processor> {
  const module = (await import(pathToFileURL(action.module).href)) as { readonly default?: unknown }
  if (typeof module.default !== 'function') throw new Error('its default export is no function')
  const context: ProcessorContext = {
    name,
    options: action.options,
    signal: ending.signal,
    log: (message, attributes = {}) => {
      const bytes = encodeRuleLog({ rule: name, message, attributes })
      if (bytes !== undefined) say({ kind: 'logged', bytes })
    },
  }
  const processor = await (module.default as CreateProcessor)(context)
  if (typeof (processor as Partial<Processor> | undefined)?.handle !== 'function')
    throw new Error('what it returns has no function handle')
  return processor
}

async function handleAll(processor: Processor, { signal, bytes }: ToPlugin & { kind: 'records' }): Promise<void> {
  let batch: FlatRecord[] = []
  let passed = 0
  for (const record of recordsOf(signal, bytes)) {
    if (isMeant(processor, record)) batch.push(record)
    else passed++
    if (batch.length < action.batch) continue
    // oxlint-disable-next-line no-await-in-loop -- one handle at a time
    await handle(processor, batch)
    batch = []
  }
  if (batch.length > 0) await handle(processor, batch)
  if (passed > 0) say({ kind: 'handled', count: passed, error: undefined })
  say({ kind: 'done' })
}

function isMeant(processor: Processor, record: FlatRecord): boolean {
  const start = monotonicMillis()
  try {
    return processor.match?.(record) !== false
  } catch (error) {
    say({ kind: 'handled', count: 1, error: `match: ${textOf(error)}` })
    return false
  } finally {
    const millis = monotonicMillis() - start
    if (millis > MAX_MATCH_MILLIS) say({ kind: 'fault', message: `match took ${Math.round(millis)} ms` })
  }
}

async function handle(processor: Processor, batch: readonly FlatRecord[]): Promise<void> {
  say({ kind: 'handling' })
  try {
    await processor.handle(batch)
    say({ kind: 'handled', count: batch.length, error: undefined })
  } catch (error) {
    say({ kind: 'handled', count: batch.length, error: textOf(error) })
  }
}

async function stop(processor: Processor): Promise<void> {
  ending.abort()
  try {
    await processor.stop?.()
  } catch {
    // It ends.
  }
  say({ kind: 'stopped' })
}

function recordsOf(signal: Subject['signal'], bytes: Uint8Array): FlatRecord[] {
  const subjects: Subject[] =
    signal === 'logs'
      ? decodeLogsRequest(bytes).flatMap(({ resource, scopes }) =>
          scopes.flatMap(({ scope, records }) => records.map((item): Subject => ({ signal, item, resource, scope }))),
        )
      : decodeTracesRequest(bytes).flatMap(({ resource, scopes }) =>
          scopes.flatMap(({ scope, spans }) => spans.map((item): Subject => ({ signal, item, resource, scope }))),
        )
  return subjects.map(flatRecord)
}

function flatRecord(subject: Subject): FlatRecord {
  const attributes: Attributes = subject.item.attributes
  return { ...rowOf(subject), attributes, resource: subject.resource.attributes } as unknown as FlatRecord
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
