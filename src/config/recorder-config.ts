/**
 * What the flight recorder is told by the environment (spec: recorder).
 */
import type { RecorderSettings } from '../process/recorder/recorder.ts'
import type { StatusRange } from '../process/recorder/end-rules.ts'
import { SEVERITY_ERROR, SEVERITY_OFF } from '../model/severity.ts'
import { invalid, readChoice, readInteger, readList, readRatio, readSwitch, readText, type Env } from './env.ts'
import { severityOf } from './level-config.ts'
import type { ProblemCollector } from './problems.ts'

const KEEP_FROM = 1
const FAILED: readonly StatusRange[] = [{ from: 500, to: 599 }]
const LINGER_MILLIS = 2_000
const MIB = 1024 * 1024
const MIN_BYTES = 64 * 1024
const LEVEL_RULE = 'a level name or a number from 1 to 24'

/** `undefined`: nothing is recorded. Never throws: problems go to the collector. */
export function readRecorder(env: Env, problems: ProblemCollector): RecorderSettings | undefined {
  const mode = problems.attempt(() => readChoice(env, 'TRACELOG_RECORDER', ['auto', 'on', 'off'])) ?? 'auto'
  const integer = (name: string, min: number) =>
    problems.attempt(() => readInteger(env, name, { min, max: Number.MAX_SAFE_INTEGER }))
  const settings: RecorderSettings = {
    hasBudget: mode === 'auto',
    ...readSeverities(env, problems),
    dumpStatuses: problems.attempt(() => readStatuses(env, 'TRACELOG_RECORDER_DUMP_STATUS')) ?? FAILED,
    slowMillis: integer('TRACELOG_RECORDER_SLOW_MS', 1),
    dumpsAborted: problems.attempt(() => readSwitch(env, 'TRACELOG_RECORDER_ABORT')) ?? false,
    ratio: problems.attempt(() => readRatio(env, 'TRACELOG_RECORDER_RATIO')) ?? 0,
    lingerMillis: integer('TRACELOG_RECORDER_LINGER_MS', 0) ?? LINGER_MILLIS,
    maxBytes: integer('TRACELOG_RECORDER_MAX_BYTES', MIN_BYTES) ?? 32 * MIB,
    unitMaxBytes: integer('TRACELOG_RECORDER_UNIT_MAX_BYTES', MIN_BYTES) ?? MIB / 2,
    unitMaxRecords: integer('TRACELOG_RECORDER_UNIT_MAX_RECORDS', 1) ?? 1_000,
  }
  return mode === 'off' ? undefined : settings
}

function readSeverities(env: Env, problems: ProblemCollector): Pick<RecorderSettings, 'keepFrom' | 'dumpFrom'> {
  const names = { keep: 'TRACELOG_RECORDER_LEVEL', dump: 'TRACELOG_RECORDER_DUMP_LEVEL' }
  const keepFrom = problems.attempt(() => readSeverity(env, names.keep, false)) ?? KEEP_FROM
  const dumpFrom = problems.attempt(() => readSeverity(env, names.dump, true)) ?? SEVERITY_ERROR
  if (keepFrom <= dumpFrom) return { keepFrom, dumpFrom }
  problems.attempt(() => {
    throw invalid(names.keep, readText(env, names.keep) ?? '', `no higher than ${names.dump}`)
  })
  return { keepFrom: KEEP_FROM, dumpFrom: SEVERITY_ERROR }
}

function readSeverity(env: Env, name: string, mayBeOff: boolean): number | undefined {
  const text = readText(env, name)
  if (text === undefined) return undefined
  const severity = severityOf(text)
  if (severity !== undefined && (mayBeOff || severity < SEVERITY_OFF)) return severity
  throw invalid(name, text, mayBeOff ? `${LEVEL_RULE}, or off` : LEVEL_RULE)
}

const RANGE = /^([1-5]\d\d)(?:-([1-5]\d\d))?$/

function readStatuses(env: Env, name: string): readonly StatusRange[] | undefined {
  return readList(env, name)?.map((item) => {
    const [, first, last = first] = RANGE.exec(item) ?? []
    const range = { from: Number(first), to: Number(last) }
    if (range.from <= range.to) return range
    throw invalid(name, item, 'a comma list of statuses and ranges, as 500-599,429')
  })
}
