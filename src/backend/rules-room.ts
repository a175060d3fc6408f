/**
 * The rules of a running backend: read before anything opens, in force between receiving and the journal, read again when their file
 * changes.
 */
import type { BackendConfig } from '../config/backend-config.ts'
import type { RulesFile } from '../config/backend-rules.ts'
import { TracelogError } from '../diag/errors.ts'
import { say, tell } from '../diag/events.ts'
import { rulesOf, type Rule } from './rules.ts'
import { rulesInvalid } from './rules/rules-invalid.ts'
import type { RuleStatus } from '../model/api.ts'
import { startRulesStage, type RuledSink, type RulesStage } from './rules/rules-stage.ts'
import { Unshaped } from './rules/unshaped.ts'
import { watchRules } from './rules/watch-rules.ts'

export interface RulesRoom {
  /** The same sink behind the rules that are in force. */
  over(next: RuledSink): RuledSink
  /** Reads the file again; a wrong one is told, and changes nothing. Never rejects. */
  reload(): Promise<void>
  status(): { readonly rules: readonly RuleStatus[]; readonly dropped: number }
  stop(): Promise<void>
}

/** @param config  with a file of rules. @throws TRACELOG_RULES_INVALID, TRACELOG_CONFIG_INVALID */
export async function openRulesRoom(config: RuledConfig, userAgent: string): Promise<RulesRoom> {
  const room = new Room(config, userAgent)
  await room.start()
  return room
}

type RuledConfig = BackendConfig & { readonly rules: RulesFile }

/** Between two tries of a reload that nobody could take. Milliseconds. */
const AGAIN_MILLIS = 1_000

class Room implements RulesRoom {
  readonly #config: RuledConfig
  readonly #userAgent: string
  /** Undefined: the file has no rules, and nothing of theirs runs. */
  #stage: RulesStage | undefined
  #ruled: RuledSink | undefined
  #next: RuledSink | undefined
  #unwatch: (() => void) | undefined
  #later: NodeJS.Timeout | undefined
  /** One reload after the other. */
  #last: Promise<void> = Promise.resolve()

  constructor(config: RuledConfig, userAgent: string) {
    this.#config = config
    this.#userAgent = userAgent
  }

  /** Watched from before it is read: plugins may take their time to load, and what is written meanwhile is read then. */
  async start(): Promise<void> {
    const unwatch = watchRules(this.#config.rules.path, () => void this.reload())
    const first = (async () => await this.#take(this.#read()))()
    this.#last = first.catch(() => {})
    await first.catch((error: unknown) => {
      unwatch()
      throw error
    })
    this.#unwatch = unwatch
  }

  over(next: RuledSink): RuledSink {
    this.#next = next
    this.#ruled = this.#stage?.over(next)
    return { append: (request) => (this.#ruled ?? next).append(request) }
  }

  reload(): Promise<void> {
    this.#last = this.#last.then(() => this.#readAgain())
    return this.#last
  }

  status(): ReturnType<RulesRoom['status']> {
    return { rules: this.#stage?.status() ?? [], dropped: this.#stage?.droppedRecords() ?? 0 }
  }

  async stop(): Promise<void> {
    this.#unwatch?.()
    clearTimeout(this.#later)
    await this.#last
    await this.#stage?.stop()
  }

  #read(): readonly Rule[] {
    const { host, otlpHttpPort, rules } = this.#config
    const hosts = host === '127.0.0.1' ? [host] : [host, '127.0.0.1']
    // Port 0 is known only when the rules are in force.
    return rulesOf(rules, { ownHosts: otlpHttpPort === 0 ? [] : hosts.map((name) => `${name}:${otlpHttpPort}`) })
  }

  async #readAgain(): Promise<void> {
    const { shown } = this.#config.rules
    try {
      const rules = this.#read()
      await this.#take(rules)
      say(
        `rules read ${Date.now()}`,
        `${shown}: ${rules.length === 1 ? '1 rule is' : `${rules.length} rules are`} in force`,
      )
    } catch (error) {
      if (error instanceof Unshaped) this.#againSoon()
      else tell(`${(error as Error).message}\n  The rules stay as they were.`)
    }
  }

  /** The thread of the rules is being started again. */
  #againSoon(): void {
    this.#later ??= setTimeout(() => {
      this.#later = undefined
      void this.reload()
    }, AGAIN_MILLIS).unref()
  }

  async #take(rules: readonly Rule[]): Promise<void> {
    try {
      if (this.#stage !== undefined) await this.#stage.reload(rules)
      else if (rules.length > 0) {
        this.#stage = await startRulesStage(rules, this.#userAgent)
        if (this.#next !== undefined) this.#ruled = this.#stage.over(this.#next)
      }
    } catch (error) {
      if (error instanceof TracelogError || error instanceof Unshaped) throw error
      throw rulesInvalid(this.#config.rules.shown, [], (error as Error).message)
    }
  }
}
