/**
 * Levels while the process runs: by code and by files, each change told by one record.
 *
 * A file that cannot be believed or read leaves the level as it is, and is one line on stderr.
 */
import { sayOnce } from '../diag/events.ts'
import { monotonicMillis, wallMillis } from '../diag/clock.ts'
import { safely } from '../diag/guarded.ts'
import { processEnv } from '../config/env.ts'
import {
  checkLevelFolder,
  hasLevelFile,
  levelFileName,
  levelFolders,
  readLevelFile,
  type LevelCommand,
} from '../config/level-command.ts'
import { OWN_SCOPE } from '../export/dropped-record.ts'
import {
  ATTR_LEVEL_NEW,
  ATTR_LEVEL_OLD,
  ATTR_LEVEL_SCOPE,
  ATTR_LEVEL_SOURCE,
  EVENT_LEVEL_CHANGED,
} from '../model/semconv.ts'
import { nameOfLevel, SEVERITY_INFO } from '../model/severity.ts'
import type { LevelChange, LevelGate, LevelRules } from '../process/level-gate.ts'
import type { RecordEmitter } from '../record/record-emitter.ts'
import type { ConfigFiles } from './config-files.ts'
import { watchFiles } from './watch-files.ts'

export interface LiveLevelsOptions {
  readonly gate: LevelGate
  readonly records: RecordEmitter
  /** Whether any record leaves this process. */
  readonly accepts: () => boolean
  readonly serviceName: string
  readonly detached: (run: () => void) => void
  readonly files: ConfigFiles
  /** Whether a change is told by a record: by the main thread, for all of the process. */
  readonly isTelling: boolean
}

export interface LiveLevels {
  /** By code. 1 to 25. */
  setLevel(severity: number, scope?: string): void
  /** The files are no longer looked at. */
  stop(): void
}

/** An object of its own: these records are counted as the application's are, reports of losses are not. */
const LEVEL_SCOPE = { ...OWN_SCOPE }
const NOTHING_SAID: LevelRules = { severity: undefined, scopes: [] }

export function createLiveLevels(options: LiveLevelsOptions): LiveLevels {
  const { gate, accepts, detached, files } = options
  const tell = (changes: readonly LevelChange[]): void => changes.forEach((change) => emitChange(options, change))
  // Where nothing leaves, no level matters.
  if (!accepts()) return { setLevel: (severity, scope) => void gate.setLevel(severity, scope), stop: () => {} }

  const command = createCommandFile(options.serviceName, (rules) => tell(gate.replace('command', rules)))
  safely('the level files', () => command.read())
  const stop = watchFiles({
    paths: () => [...command.paths(), ...files.paths],
    onChange() {
      command.read()
      const rules = files.readLevels()
      if (rules !== undefined) tell(gate.replace('file', rules))
    },
    onLook: command.end,
    detached,
  })
  return { setLevel: (severity, scope) => tell(gate.setLevel(severity, scope)), stop }
}

interface CommandFile {
  readonly paths: () => readonly string[]
  readonly read: () => void
  /** Ends a level whose time is over. */
  readonly end: () => void
}

function createCommandFile(service: string, onRules: (rules: LevelRules) => void): CommandFile {
  const fileName = levelFileName(service)
  let inForce: LevelCommand | undefined
  /** On the monotonic clock: a level does not last longer because the wall clock was set back. */
  let deadline = Infinity

  const end = (): void => {
    if (inForce === undefined) return
    if (monotonicMillis() < deadline && !isOver(inForce)) return
    inForce = undefined
    onRules(NOTHING_SAID)
  }
  return {
    paths: () => levelFolders(processEnv()).map((folder) => `${folder}/${fileName}`),
    read() {
      const found = attempt(() => readNewest(service), 'the level stays as it is')
      if (found === undefined) return
      inForce = found === 'nothing' || isOver(found) ? undefined : found
      const { untilMillis } = inForce ?? {}
      deadline = untilMillis === undefined ? Infinity : monotonicMillis() + untilMillis - wallMillis()
      onRules(inForce?.rules ?? NOTHING_SAID)
    },
    end,
  }
}

function isOver({ untilMillis }: LevelCommand): boolean {
  return untilMillis !== undefined && untilMillis <= wallMillis()
}

/** What was said last, in whichever folder. @throws when a file of ours cannot be read */
function readNewest(service: string): LevelCommand | 'nothing' {
  const commands = levelFolders(processEnv())
    .filter((folder) => hasLevelFile(folder, service) && isTrusted(folder))
    .map((folder) => readLevelFile(folder, service))
  return commands.toSorted((a, b) => b.writtenMillis - a.writtenMillis)[0] ?? 'nothing'
}

/** A folder that somebody else could write into is as good as none. */
function isTrusted(folder: string): boolean {
  const check = () => {
    checkLevelFolder(folder)
    return true
  }
  return attempt(check, 'what it says of levels is ignored') ?? false
}

/** @returns `undefined` when it has failed, which is said once */
function attempt<T>(read: () => T, consequence: string): T | undefined {
  try {
    return read()
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    sayOnce(`level file: ${message}`, `${message}; ${consequence}`)
    return undefined
  }
}

function emitChange(
  { records, accepts, isTelling }: LiveLevelsOptions,
  { scope, before, now, source }: LevelChange,
): void {
  if (!isTelling || !accepts()) return
  const old = wordFor(before)
  const becomes = wordFor(now)
  records.emit(
    {
      severityNumber: SEVERITY_INFO,
      severityText: 'INFO',
      eventName: EVENT_LEVEL_CHANGED,
      body: `tracelog: the level${scope === undefined ? '' : ` of ${scope}`} was ${old}, and is ${becomes} (${source})`,
      attributes: {
        [ATTR_LEVEL_OLD]: old,
        [ATTR_LEVEL_NEW]: becomes,
        ...(scope === undefined ? {} : { [ATTR_LEVEL_SCOPE]: scope }),
        [ATTR_LEVEL_SOURCE]: source,
      },
    },
    LEVEL_SCOPE,
    // Whatever the level: who reads the records must see where others begin or end.
    'export',
  )
}

function wordFor(severity: number | undefined): string {
  return severity === undefined ? 'unset' : nameOfLevel(severity)
}
