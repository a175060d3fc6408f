/**
 * A program of tasks in some services -> the records and spans that it sends, numbered as the specification of tasks says, and what a
 * tree of them has to show.
 */
import * as fc from 'fast-check'

import type { TraceLog, TraceSpan } from '../../src/tree/trace-data.ts'
import { log, span } from './trace-builder.ts'

/** What a task does, one after the other. */
export type Step =
  /** A record: sent, kept below the level, or kept and sent by a dump. */
  | { readonly do: 'line'; readonly as: 'sent' | 'kept' | 'dumped'; readonly inner: boolean }
  | { readonly do: 'task'; readonly task: Task }
  /** A token, which so many tasks of another service are begun from. */
  | { readonly do: 'token'; readonly tasks: readonly Task[] }
  /** A request to another service, which is ours or none that we know. */
  | { readonly do: 'request'; readonly steps: readonly Step[]; readonly isOurs: boolean }

export interface Task {
  readonly start: 'sent' | 'kept' | 'dumped'
  readonly isFailed: boolean
  readonly steps: readonly Step[]
}

export const anyTask: fc.Arbitrary<Task> = fc.letrec<{ step: Step; task: Task }>((tie) => {
  const steps = fc.array(tie('step'), { maxLength: 4, depthIdentifier: 'tasks' })
  const as = fc.constantFrom('sent' as const, 'sent' as const, 'kept' as const, 'dumped' as const)
  return {
    step: fc.oneof(
      { depthSize: 'small', withCrossShrink: true, depthIdentifier: 'tasks' },
      fc.record({ do: fc.constant('line' as const), as, inner: fc.boolean() }),
      fc.record({ do: fc.constant('task' as const), task: tie('task') }),
      fc.record({ do: fc.constant('token' as const), tasks: fc.array(tie('task'), { maxLength: 2 }) }),
      fc.record({ do: fc.constant('request' as const), steps, isOurs: fc.boolean() }),
    ),
    task: fc.record({
      start: fc.constantFrom('sent' as const, 'sent' as const, 'sent' as const, 'kept' as const, 'dumped' as const),
      isFailed: fc.boolean(),
      steps,
    }),
  }
}).task

/** One task as it was. */
export interface Expected {
  readonly span: string
  /** Its number among the siblings stands in it; `''`: the root. */
  readonly path: string
  readonly hasStart: boolean
  /** Positions in `logs` of what counts for it. */
  readonly counted: readonly number[]
  readonly end: number
}

export interface Sent {
  readonly logs: readonly TraceLog[]
  readonly spans: readonly TraceSpan[]
  readonly tasks: readonly Expected[]
}

/** Runs it: the root in service a, what is called in b, c and so on. */
export function run(task: Task): Sent {
  const program = new Program()
  program.task(task, { service: 'a', path: '', parent: '' })
  return program
}

interface Place {
  readonly service: string
  readonly path: string
  /** Span id of the parent. */
  readonly parent: string
}

/** Where numbers come from: a task or a request. */
class Counter {
  last = 0
  unsent = 0
  readonly counted: number[] = []
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  next(isUnsent = false): string {
    this.last++
    if (isUnsent) this.unsent++
    return this.#path === '' ? String(this.last) : `${this.#path}/${this.last}`
  }
}

/** From one happening to the next. Milliseconds. */
const TICK = 10

class Program implements Sent {
  readonly logs: TraceLog[] = []
  readonly spans: TraceSpan[] = []
  readonly tasks: Expected[] = []
  #at = 0
  #spans = 0

  #tick(): number {
    return (this.#at += TICK)
  }

  /** @returns the position of its start among the records, if that was sent at once */
  task({ start, isFailed, steps }: Task, { service, path, parent }: Place): number | undefined {
    const own = `t${++this.#spans}`
    const from = this.#tick()
    const counter = new Counter(path)
    const first = this.#log(counter, start, {
      span: own,
      service,
      event: 'tracelog.task.start',
      body: `goal ${own}`,
      attributes: { 'tracelog.task.goal': `goal ${own}` },
    })
    this.#steps(steps, { service, path, parent: own }, counter)
    counter.counted.push(this.logs.length)
    const end = this.logs.length
    this.#send({
      span: own,
      service,
      event: 'tracelog.task.end',
      body: `goal ${own}`,
      severity: isFailed ? 17 : 9,
      attributes: {
        'tracelog.task.path': counter.next(),
        'tracelog.task.status': isFailed ? 'failed' : 'succeeded',
        'tracelog.elapsed_ms': this.#at + TICK - from,
        'tracelog.task.last': counter.last,
        'tracelog.task.unsent': counter.unsent,
        ...(isFailed ? { 'exception.type': 'Error', 'exception.message': 'no' } : {}),
      },
    })
    this.tasks.push({ span: own, path, hasStart: start !== 'kept', counted: counter.counted, end })
    const words = { id: own, parent, service, kind: 'internal' as const, from, to: this.#tick(), failed: isFailed }
    this.spans.push(span({ ...words, name: `goal ${own}` }))
    return first
  }

  #steps(steps: readonly Step[], place: Place, counter: Counter): void {
    const other = String.fromCodePoint((place.service.codePointAt(0) as number) + 1)
    for (const step of steps) {
      if (step.do === 'line') this.#line(step, place, counter)
      else if (step.do === 'task') this.#child(step.task, place, counter)
      else if (step.do === 'token') {
        const path = counter.next(true)
        for (const task of step.tasks) this.task(task, { service: other, path, parent: place.parent })
      } else this.#request(step, { ...place, path: counter.next(true) }, other)
    }
  }

  #line({ as, inner }: Step & { readonly do: 'line' }, { service, parent }: Place, counter: Counter): void {
    let within = parent
    if (inner) {
      within = `i${++this.#spans}`
      this.spans.push(
        span({ id: within, parent, service, kind: 'internal', from: this.#tick(), to: this.#at + 2 * TICK }),
      )
    }
    this.#log(counter, as, { span: within, service, body: 'line' })
    this.#at += 2 * TICK
  }

  #child(task: Task, { service, parent }: Place, counter: Counter): void {
    const path = counter.next(task.start !== 'sent')
    const start = this.task(task, { service, path, parent })
    if (start !== undefined) counter.counted.push(start)
  }

  #request(
    { steps, isOurs }: Step & { readonly do: 'request' },
    { service, path, parent }: Place,
    other: string,
  ): void {
    const call = `c${++this.#spans}`
    const served = `s${++this.#spans}`
    const from = this.#tick()
    const attributes = { 'http.request.method': 'GET', 'url.path': `/${call}` }
    if (isOurs) {
      const counter = new Counter(path)
      this.#steps(steps, { service: other, path, parent: served }, counter)
      const ended = { 'tracelog.parent_span_id': idOf(call), 'tracelog.response_time_ms': this.#tick() - from }
      const event = { event: 'tracelog.http.server.end', attributes: { ...attributes, ...ended } }
      this.#log(counter, 'sent', { span: served, service: other, ...event })
      this.spans.push(span({ id: served, parent: call, service: other, from: from + TICK, to: this.#at, attributes }))
    }
    this.spans.push(span({ id: call, parent, service, kind: 'client', from, to: this.#tick(), attributes }))
  }

  /** @returns its position, if it was sent at once */
  #log(
    counter: Counter,
    as: 'sent' | 'kept' | 'dumped',
    words: Omit<Parameters<typeof log>[0], 'at'>,
  ): number | undefined {
    const path = { 'tracelog.task.path': counter.next(as !== 'sent') }
    if (as === 'kept') {
      this.#tick()
      return undefined
    }
    const mark = as === 'dumped' ? { 'tracelog.buffered': true } : {}
    const position = this.logs.length
    this.#send({ ...words, attributes: { ...words.attributes, ...path, ...mark } })
    if (as !== 'sent') return undefined
    counter.counted.push(position)
    return position
  }

  #send(words: Omit<Parameters<typeof log>[0], 'at'>): void {
    this.logs.push(log({ ...words, at: this.#tick() }))
  }
}

/** As trace-builder.ts makes it of a name. */
export function idOf(name: string): string {
  return Buffer.from(name.padEnd(8, '_')).toString('hex').slice(0, 16)
}
