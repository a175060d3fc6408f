/**
 * When things are sent: timers while the process runs, flush and shutdown, and the end, where this thread blocks until all is answered
 * for or nobody answers.
 */
import { monotonicMillis } from '../diag/clock.ts'
import { ANSWER_MILLIS, awaitAnswers, type AwaitedLink } from './await-answers.ts'
import type { EndOptions } from './end-options.ts'
import { Flushes } from './flushes.ts'
import type { Lane } from './lane.ts'
import type { FlushOptions, FlushResult } from './pipeline-options.ts'
import { stateOf } from './pipeline-stats.ts'
import { Schedule } from './schedule.ts'

/** While someone waits in flush(), an endpoint that is down is asked this often. Milliseconds. */
const FLUSH_PROBE_MILLIS = 500
/** How long the end of the process waits for the reader of standard output. Milliseconds. */
const STDOUT_MILLIS = 300
/** How long an empty event loop is held, where it is. Milliseconds. */
const LAST_TURN_MILLIS = 1_000
/** However well it goes, the end of the process takes no longer. Milliseconds. */
const END_MAX_MILLIS = 15_000

/** `urgent`: the end may come. `ended`: nobody is waited for any more. */
type Phase = 'running' | 'urgent' | 'ending' | 'ended' | 'stopped'

export class End {
  readonly #options: EndOptions
  /** Whose destination is waited for at the end. */
  readonly #primary: readonly Lane[]
  readonly #pumped: readonly Lane[]
  readonly #flushes: Flushes
  readonly #schedule: Schedule
  #phase: Phase = 'running'
  #urgentUntilMillis = 0
  #hadLastTurn = false
  #shutdown: Promise<FlushResult> | undefined

  constructor(options: EndOptions) {
    this.#options = options
    this.#primary = options.lanes.filter((lane) => lane.isPrimary)
    // A file beside an endpoint is written before the endpoint is even connected to: at the end of a process on a busy machine the
    // wait for one answer is a wait for both.
    this.#pumped = options.lanes.toReversed()
    this.#flushes = new Flushes({
      ...options,
      onBegin: () => {
        this.#shortenPauses()
        this.pump()
        options.link.settle()
      },
    })
    this.#schedule = new Schedule({ ...options, onDue: () => this.#due() })
  }

  get isRunning(): boolean {
    return this.#phase === 'running'
  }

  get isStopped(): boolean {
    return this.#phase === 'stopped'
  }

  /** A record was added. */
  added(isFull: boolean): void {
    if (this.#phase === 'running') {
      if (isFull) {
        // The event loop may be far away: a burst in one tick is sent while it goes on.
        this.#options.link.poll()
        this.pump()
      } else this.#schedule.soon()
    } else if (this.#phase === 'urgent') this.#drainUrgent()
    else this.drain()
  }

  /** A line was given to standard output, which is the only lane. */
  printed(): void {
    if (this.#phase !== 'running') this.#options.console?.drain(STDOUT_MILLIS)
  }

  /** Called whenever something may travel. */
  pump(): void {
    if (this.#options.link.isReady()) for (const lane of this.#pumped) lane.pump()
  }

  /** A batch was answered for. */
  answered(): void {
    if (this.#phase === 'running') this.pump()
    this.#flushes.look()
  }

  /** A line was written, or lost. */
  linePrinted(): void {
    this.#flushes.look()
  }

  /** A record of our own was added. */
  addedOwn(): void {
    this.#schedule.soon()
  }

  /** A batch of another thread was added: while the end blocks this thread it goes with what is drained anyway. */
  adopted(): void {
    if (this.#phase === 'running') this.#schedule.soon()
  }

  /** A destination did not answer, and is to be asked again after so long. Milliseconds. */
  pause(millis: number): void {
    this.#schedule.within(this.#flushes.isWaiting ? Math.min(millis, FLUSH_PROBE_MILLIS) : millis)
  }

  /** As flushes.ts. */
  flush(options?: FlushOptions): Promise<FlushResult> {
    return this.#flushes.flush(options)
  }

  /** Flushes, then accepts nothing any more; what is left is dropped. The same promise for everyone who asks. */
  shutdown(options: FlushOptions = {}): Promise<FlushResult> {
    this.#shutdown ??= this.flush(options).then((result) => {
      this.#phase = 'stopped'
      this.#giveUp()
      this.#options.link.stop()
      this.#options.local.stop()
      this.#schedule.stop()
      return result
    })
    return this.#shutdown
  }

  /**
   * Blocks this thread until everything accepted is answered for, or nobody answers: for `exit` handlers and signals.
   *
   * Records accepted later are sent at once, until `goOn` is called.
   */
  drain(): void {
    if (this.#phase === 'stopped' || this.#phase === 'ended') return this.#giveUp()
    const { link, lanes, console, reportDrops, sayDrops } = this.#options
    this.#phase = 'ending'
    console?.drain(STDOUT_MILLIS)
    if (this.#isIdle()) return this.#options.onIdle()
    link.block()
    for (const lane of lanes) lane.end()
    link.hurry(ANSWER_MILLIS)
    this.#drainUntil(monotonicMillis() + END_MAX_MILLIS)
    if (stateOf(this.#primary) === 'up' && reportDrops(true)) this.#drainUntil(monotonicMillis() + ANSWER_MILLIS)
    if (!this.#isIdle()) {
      this.#phase = 'ended'
      this.#giveUp()
    }
    this.#options.onIdle()
    sayDrops()
  }

  /**
   * Blocks until everything accepted is answered for, for so long at most; nothing is given up. Records accepted later are sent at
   * once within that time, until `goOn` is called. An endpoint that is down is not waited for.
   */
  drainWithin(millis: number): void {
    if (this.#phase !== 'running') return
    this.#phase = 'urgent'
    this.#urgentUntilMillis = monotonicMillis() + millis
    this.#drainUrgent()
  }

  /**
   * The event loop is empty. Where no worker may run, and for exporters that are in this thread, nobody can be waited for at the very
   * end: the loop is held now, once, until all is answered for, for a second at most.
   */
  lastTurn(): void {
    const isBlocked = !this.#options.link.mayBlock || this.#options.lanes.some((lane) => lane.isLocal)
    if (!isBlocked || this.#hadLastTurn || this.#isIdle()) return
    this.#hadLastTurn = true
    void this.#flushes.flush({ timeoutMillis: LAST_TURN_MILLIS })
  }

  /** Nothing comes any more: says what was lost after the last `drain`. */
  sayLast(): void {
    this.#options.sayDrops()
  }

  /** The end did not come: a signal that the system ignores, an exception that was handled. */
  goOn(): void {
    if (this.#phase === 'stopped') return
    this.#phase = 'running'
    for (const lane of this.#options.lanes) lane.goOn()
  }

  #due(): void {
    if (this.#phase !== 'running') return
    if (this.#flushes.isWaiting) this.#shortenPauses()
    this.pump()
    const ripeIn = this.#options.intake.ripeInMillis()
    if (ripeIn !== undefined) this.#schedule.within(Math.max(1, ripeIn))
  }

  #shortenPauses(): void {
    for (const lane of this.#options.lanes) lane.shortenPause()
  }

  #isIdle(): boolean {
    return this.#options.intake.bytes === 0
  }

  #drainUntil(limitMillis: number): void {
    const { intake, lanes, link } = this.#options
    intake.closeAll()
    const awaited: AwaitedLink = {
      pump: () => this.pump(),
      hasHope: () => lanes.some((lane) => lane.hasHope()),
      isUp: () => stateOf(this.#primary) === 'up',
      answered: () =>
        lanes.reduce((sum, { counts }) => sum + counts.delivered + counts.spooled + counts.dropped.rejected, 0),
      pauseMillis: () => this.#pauseMillis(),
      wait: (millis) => link.wait(millis),
    }
    awaitAnswers(awaited, limitMillis)
  }

  #pauseMillis(): number {
    const pauses = this.#options.lanes.map((lane) => lane.pauseMillis()).filter((millis) => millis !== undefined)
    return pauses.length === 0 ? 0 : Math.min(...pauses)
  }

  #drainUrgent(): void {
    if (stateOf(this.#primary) === 'down' || !this.#options.link.hasWorker) this.#schedule.soon()
    else if (!this.#isIdle()) this.#drainUntil(this.#urgentUntilMillis)
  }

  #giveUp(): void {
    for (const lane of this.#options.lanes) lane.takeBack()
    this.#options.intake.closeAll()
    this.#options.onGiveUp()
  }
}
