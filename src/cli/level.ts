/**
 * `tracelog level`: the levels of running processes, by a file that they look for; without a level, what such files say now.
 */
import { statSync } from 'node:fs'
import { dirname } from 'node:path'

import { formatLevels, parseLevels } from '../config/level-config.ts'
import { formatLevelCommand, levelFileName, levelFolders } from '../config/level-command.ts'
import { TracelogError } from '../diag/errors.ts'
import { parseDuration } from '../model/page-request.ts'
import { clockTimeOfDay } from '../tree/text/clock-time.ts'
import { createPaint } from './colour.ts'
import { JSON_FLAG, type Command, type Invocation } from './command.ts'
import { EXIT } from './exit-code.ts'
import { writeJson, writeLine, type Io } from './io.ts'
import { levelsHere, type LevelHere } from './level/levels-here.ts'
import { listLevelFiles, removeLevelFile, writeLevelFile, type FoundLevel } from './level/level-files.ts'
import { renderTable } from './table.ts'

/** Of a file name, on the file systems there are. Bytes. */
const MAX_NAME_BYTES = 200

export const levelCommand: Command = {
  name: 'level',
  summary: 'Change the level of running processes, or show what was changed',
  operands: '[LEVEL[,SCOPE=LEVEL...]]',
  operandCount: { min: 0, max: 1 },
  flags: {
    service: { type: 'string', value: 'NAME', help: 'the processes whose service.name this is' },
    for: { type: 'string', value: 'TIME', help: 'end by itself after 30s, 10m, 2h (default: until --clear)' },
    clear: { type: 'boolean', help: 'take the level of --service back' },
    ...JSON_FLAG,
  },
  details: `LEVEL is written as in TRACELOG_LEVEL. Every process of that service and of this user on this machine follows within two seconds, also
those that start later; nothing is restarted, and each writes one record, event tracelog.level.changed. The command is stronger than
setLevel() in code, than tracelog.yaml and than TRACELOG_LEVEL; what it says nothing of stays as these say.
Without LEVEL: what is set by command, and what processes begin with that are started in this folder (tracelog.yaml, TRACELOG_LEVEL).`,
  examples: [
    ['tracelog level debug --service shop --for 10m', 'and then as before'],
    ['tracelog level info,db=trace --service shop', 'until it is cleared'],
    ['tracelog level', 'what is in force, and until when'],
    ['tracelog level --clear --service shop', 'as before'],
  ],
  exitCodes: { '0': 'done', '1': 'nothing was there to show or to clear' },
  // eslint-disable-next-line typescript/require-await
  run: async (invocation) => run(invocation),
}

function run(invocation: Invocation): number {
  const [levels] = invocation.operands
  if (invocation.flags.isSet('clear')) return clear(invocation, levels)
  return levels === undefined ? show(invocation) : set(invocation, levels)
}

function set(invocation: Invocation, levels: string): number {
  const { flags, io } = invocation
  const service = serviceOf(invocation)
  const rules = formatLevels(parseLevels(levels, 'the level'))
  const untilMillis = untilOf(flags.text('for'))
  const text = formatLevelCommand(rules, untilMillis)
  const paths = inFolders(io, (folder) => writeLevelFile(folder, service, text))
  const until = untilMillis === undefined ? undefined : new Date(untilMillis).toISOString()
  if (flags.isSet('json')) writeJson(io.out, { service, level: rules, until: until ?? null, files: paths })
  else {
    const end = until === undefined ? 'until tracelog level --clear' : `until ${clockTimeOfDay(until)}`
    writeLine(io.out, `${service}: ${rules}, ${end}. Its processes of this user follow within two seconds.`)
  }
  return EXIT.done
}

function clear(invocation: Invocation, levels: string | undefined): number {
  const { flags, io } = invocation
  if (levels !== undefined || flags.isSet('for'))
    throw usage(`--clear is with ${levels === undefined ? '--for' : `"${levels}"`}, but must be with --service alone`)
  const service = serviceOf(invocation)
  const paths = inFolders(io, (folder) => removeLevelFile(folder, service))
  if (flags.isSet('json')) writeJson(io.out, { service, cleared: paths })
  else if (paths.length > 0) writeLine(io.out, `${service}: as configured again, within two seconds.`)
  else writeLine(io.err, `tracelog level: nothing was set for ${service}`)
  return paths.length > 0 ? EXIT.done : EXIT.failed
}

function show({ flags, io }: Invocation): number {
  if (flags.isSet('for')) throw usage('--for is without a level, but must be with one')
  const service = flags.text('service')
  const found = newestOfEach(inFolders(io, (folder) => listLevelFiles(folder)).flat())
  const levels = found.filter((one) => service === undefined || one.service === service).map(rowOf)
  const here = levelsHere(io)
  if (flags.isSet('json')) writeJson(io.out, { levels, here })
  else if (levels.length + here.length === 0) writeLine(io.err, 'tracelog level: no level is set, by command or here')
  else for (const line of tableOf(levels, here, io)) writeLine(io.out, line)
  return levels.length + here.length > 0 ? EXIT.done : EXIT.failed
}

function tableOf(levels: readonly Row[], here: readonly LevelHere[], io: Io): readonly string[] {
  const columns = ['service', 'level', 'until', 'from'].map((name) => ({ name, type: 'VARCHAR' }))
  const rows = [
    ...levels.map((row) => [row.service, row.level ?? row.error, untilText(row), row.file]),
    ...here.map(({ level, from }) => ['(started here)', level, '', from]),
  ]
  const options = { paint: createPaint(io.out.colourDepth), columns: io.out.columns }
  return renderTable({ columns, rows, truncated: false }, options)
}

/** As the processes choose, where both folders have a file. */
function newestOfEach(found: readonly FoundLevel[]): readonly FoundLevel[] {
  const rising = found.toSorted((a, b) => writtenMillis(a) - writtenMillis(b))
  return [...new Map(rising.map((one) => [one.service, one])).values()]
}

function writtenMillis({ said }: FoundLevel): number {
  return said instanceof Error ? Number.POSITIVE_INFINITY : said.writtenMillis
}

interface Row {
  readonly service: string
  readonly level: string | null
  readonly until: string | null
  readonly isOver: boolean
  readonly file: string
  readonly error?: string
}

function rowOf({ service, path, said }: FoundLevel): Row {
  if (said instanceof Error)
    return { service, level: null, until: null, isOver: false, file: path, error: said.message }
  const { rules, untilMillis } = said
  return {
    service,
    level: formatLevels(rules),
    until: untilMillis === undefined ? null : new Date(untilMillis).toISOString(),
    isOver: untilMillis !== undefined && untilMillis <= Date.now(),
    file: path,
  }
}

function untilText({ until, isOver }: Row): string {
  if (until === null) return ''
  return `${clockTimeOfDay(until)}${isOver ? ' (over)' : ''}`
}

/** What works in one folder is enough; the others are told. @throws what went wrong when none works */
function inFolders<T>(io: Io, act: (folder: string) => T | undefined): T[] {
  const results: T[] = []
  const errors: Error[] = []
  for (const folder of levelFolders(io.env).filter((one) => isFolder(dirname(one)))) {
    try {
      const result = act(folder)
      if (result !== undefined) results.push(result)
    } catch (error) {
      errors.push(error as Error)
    }
  }
  if (results.length === 0 && errors[0] !== undefined) throw errors[0]
  for (const { message } of errors) writeLine(io.err, `tracelog level: ${message}; left alone`)
  return results
}

/** XDG_RUNTIME_DIR may name a folder that is gone since the log-out. */
function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}

function serviceOf({ flags }: Invocation): string {
  const service = flags.text('service')
  if (service === undefined || service === '')
    throw usage('--service is not given, but must name the processes that are meant')
  if (Buffer.byteLength(levelFileName(service)) > MAX_NAME_BYTES)
    throw usage(`--service is ${service.length} characters long, but must fit into a file name`)
  return service
}

function untilOf(time: string | undefined): number | undefined {
  if (time === undefined) return undefined
  const millis = /[a-z]$/.test(time) ? parseDuration(time) : undefined
  if (millis !== undefined && millis > 0 && millis <= MAX_FOR_MILLIS) return Date.now() + millis
  throw usage(`--for is "${time}", but must be a time as 30s, 10m or 2h, at most 365d`)
}

const MAX_FOR_MILLIS = 365 * 86_400_000

function usage(message: string): TracelogError {
  return new TracelogError(message, { code: 'TRACELOG_USAGE', hint: 'See tracelog level --help.' })
}
