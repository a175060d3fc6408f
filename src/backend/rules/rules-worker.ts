/**
 * The thread of the rules: what arrives is shaped here, and what the journal has taken is delivered from here.
 */
import { parentPort, workerData } from 'node:worker_threads'

import { startDeliveries, type Deliveries } from './deliver/deliveries.ts'
import { createJudge, type RuleJudge } from './judge.ts'
import type { Rule } from './rule.ts'
import { shapeRequest, type DeliveryPart } from './shape-request.ts'
import type { DeliveryCounts, FromRulesWorker, RulesWorkerData, Tally, ToRulesWorker } from './worker-protocol.ts'

/** Between two looks at what was delivered. Milliseconds. */
const COUNTS_MILLIS = 200

const port = parentPort
if (port === null) throw new Error('rules-worker.js is started by rules-stage.js, not by itself')
const { rules: firstRules, userAgent } = workerData as RulesWorkerData
const say = (message: FromRulesWorker, transfer: readonly ArrayBuffer[] = []): void =>
  port.postMessage(message, transfer)

/** One set of rules, and what delivers for it. */
interface RuleSet {
  readonly judge: RuleJudge
  readonly deliveries: Deliveries
}

interface Promised {
  readonly parts: readonly DeliveryPart[]
  readonly deliveries: Deliveries
}

/** Parts of requests that the journal has not answered for. By id. */
const promised = new Map<number, Promised>()
/** Deliveries of sets that are no longer in force, which were promised parts: told when the journal has answered for the last of them. */
const retiring = new Map<Deliveries, () => void>()
/** Of sets that are no longer in force, and have ended. */
const ended = new Map<string, DeliveryCounts>()
let set: RuleSet

try {
  set = await startSet(firstRules)
  port.on('message', (message: ToRulesWorker) => void hear(message))
  setInterval(tellCounts, COUNTS_MILLIS).unref()
  say({ kind: 'started' })
} catch (error) {
  say({ kind: 'notStarted', message: textOf(error) })
}

async function startSet(rules: readonly Rule[]): Promise<RuleSet> {
  const judge = createJudge(rules)
  const deliveries = await startDeliveries({
    rules,
    deliveries: judge.deliveries,
    userAgent,
    say: (about, text) => say({ kind: 'say', about, text }),
    onLogged: (bytes) => say({ kind: 'logged', bytes, count: 1 }),
  })
  return { judge, deliveries }
}

async function hear(message: ToRulesWorker): Promise<void> {
  switch (message.kind) {
    case 'shape':
      shape(message)
      return
    case 'kept':
    case 'forgotten': {
      const parts = promised.get(message.id)
      promised.delete(message.id)
      if (parts === undefined) return
      if (message.kind === 'kept') parts.deliveries.take(parts.parts)
      if (!isPromised(parts.deliveries)) retiring.get(parts.deliveries)?.()
      return
    }
    case 'reload':
      await reload(message.id, message.rules)
      return
    default:
      await set.deliveries.stop()
      tellCounts()
      say({ kind: 'stopped' })
      port?.close()
  }
}

function shape({ id, signal, bytes, receivedUnixNano }: ToRulesWorker & { kind: 'shape' }): void {
  try {
    const { judge, deliveries } = set
    const shaped = shapeRequest(judge, { signal, bytes, receivedUnixNano })
    const { count, parts } = shaped
    // What is promised stays here: the other bytes go back for good.
    if (parts.length > 0) promised.set(id, { parts: parts.map((part) => own(part, shaped.bytes)), deliveries })
    const tallies = judge.rules.flatMap(({ name }, rule): Tally[] => {
      const [matched = 0, dropped = 0] = [shaped.matched[rule], shaped.dropped[rule]]
      return matched === 0 ? [] : [{ name, matched, dropped }]
    })
    const transfer = whole(shaped.bytes)
    say({ kind: 'shaped', id, bytes: transfer, count, tallies, hasParts: parts.length > 0 }, [transfer.buffer])
  } catch (error) {
    say({ kind: 'unshaped', id, message: textOf(error) })
  }
}

function own(part: DeliveryPart, sent: Uint8Array): DeliveryPart {
  return part.bytes === sent ? { ...part, bytes: new Uint8Array(sent) } : part
}

/** In memory that holds nothing else, so that it can be handed over. */
function whole(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const isAlone = bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength
  return isAlone && bytes.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : new Uint8Array(bytes)
}

/** The new ones are in force for all that comes after this; the old ones give away what they have. */
async function reload(id: number, rules: readonly Rule[]): Promise<void> {
  try {
    const next = await startSet(rules)
    const before = set
    set = next
    say({ kind: 'reloaded', id, error: undefined })
    if (isPromised(before.deliveries)) {
      await new Promise<void>((done) => retiring.set(before.deliveries, done))
      retiring.delete(before.deliveries)
    }
    await before.deliveries.stop()
    for (const counts of before.deliveries.counts()) {
      const sum = sumOf(ended.get(counts.name), { ...counts, state: 'ok', lastError: undefined })
      ended.set(counts.name, sum)
    }
  } catch (error) {
    say({ kind: 'reloaded', id, error: textOf(error) })
  }
}

function isPromised(deliveries: Deliveries): boolean {
  return [...promised.values()].some((one) => one.deliveries === deliveries)
}

let told = ''
function tellCounts(): void {
  const sums = new Map(ended)
  for (const counts of set.deliveries.counts()) sums.set(counts.name, sumOf(sums.get(counts.name), counts))
  const counts = [...sums.values()]
  const text = JSON.stringify(counts)
  if (text === told) return
  told = text
  say({ kind: 'counts', counts })
}

/** A rule may have several deliveries: the worst of their states is its own. */
function sumOf(one: DeliveryCounts | undefined, other: DeliveryCounts): DeliveryCounts {
  if (one === undefined) return other
  const states = [one.state, other.state]
  return {
    name: other.name,
    delivered: one.delivered + other.delivered,
    lost: one.lost + other.lost,
    failed: one.failed + other.failed,
    waiting: one.waiting + other.waiting,
    state: states.includes('off') ? 'off' : states.includes('failing') ? 'failing' : 'ok',
    lastError: other.lastError ?? one.lastError,
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
