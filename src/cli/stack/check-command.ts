/**
 * `tracelog stack check`: does what is sent by OTLP arrive in Loki and Tempo? If not: what is wrong, and what to do.
 */
import { readText } from '../../config/env.ts'
import { createPaint } from '../colour.ts'
import { JSON_FLAG, type Command, type FlagSpec, type Flags, type Invocation } from '../command.ts'
import { checkLines } from '../doctor/check.ts'
import { EXIT } from '../exit-code.ts'
import { writeJson, writeLine, type Io } from '../io.ts'
import { packageVersion } from '../package-info.ts'
import { checkStack, type CheckedStack } from './check/check-stack.ts'
import { millis } from './check/probe.ts'
import { readTarget, type StackTarget, type TargetDefaults } from './check/target.ts'
import { publishedAt } from './ports.ts'

/** Of `check`, and of `up`, which ends with one. */
export const CHECK_FLAGS: Readonly<Record<string, FlagSpec>> = {
  otlp: {
    type: 'string',
    value: 'URL',
    help: 'where applications send (default: OTEL_EXPORTER_OTLP_ENDPOINT, port 4318)',
  },
  loki: { type: 'string', value: 'URL', help: 'default: http://127.0.0.1:3100' },
  tempo: { type: 'string', value: 'URL', help: 'default: http://127.0.0.1:3200' },
  metrics: { type: 'string', value: 'URL', help: "the Collector's own (default: http://127.0.0.1:8888/metrics)" },
  tenant: { type: 'string', value: 'NAME', help: 'read as this tenant (X-Scope-OrgID)' },
  wait: { type: 'string', value: 'SECONDS', help: 'at most so long in all (default: 30)' },
  ...JSON_FLAG,
}

/** Back to its beginning, and nothing on it. */
const CLEAR_LINE = '\r\x1b[K'

/** Where the application sends, if it was told. */
const ENDPOINTS = ['', 'LOGS_', 'TRACES_'].map((signal) => `OTEL_EXPORTER_OTLP_${signal}ENDPOINT`)

export const stackCheckCommand: Command = {
  name: 'stack check',
  summary: 'Send one record and one span by OTLP and look for them in Loki and Tempo',
  operands: '',
  operandCount: { min: 0, max: 0 },
  flags: CHECK_FLAGS,
  details: `Works against any Collector, Loki and Tempo, in containers or not. It sends with the settings of an application
(OTEL_EXPORTER_OTLP_ENDPOINT, _HEADERS, _CERTIFICATE ...), as the service "tracelog-stack-check".`,
  examples: [
    ['tracelog stack check', 'the stack of docker compose on this machine'],
    ['tracelog stack check --otlp https://otel.example:4318 --loki https://loki.example --tenant shop', 'another one'],
    ['tracelog stack check --json | jq .ok', 'for scripts'],
  ],
  exitCodes: { '0': 'both arrived', '1': 'something is wrong; the line says what' },
  run: checkHere,
}

async function checkHere({ flags, io }: Invocation): Promise<number> {
  const { otlp, loki, tempo } = publishedAt(io.cwd, io.env)
  const named = ENDPOINTS.some((name) => readText(io.env, name) !== undefined)
  return await runCheck(flags, io, { otlp: named ? undefined : otlp, loki, tempo })
}

/** Prints. @returns the exit code */
export async function runCheck(flags: Flags, io: Io, defaults: TargetDefaults): Promise<number> {
  const target = readTarget(flags, io.env, defaults)
  const asJson = flags.isSet('json')
  const paint = createPaint(io.out.colourDepth)
  const waiting = io.err.isTerminal && !asJson ? io.err : undefined
  const checked = await checkStack(target, (check) => {
    waiting?.write(CLEAR_LINE)
    if (!asJson) for (const line of checkLines(check, paint)) writeLine(io.out, line)
    waiting?.write(`waiting, at most ${target.waitMillis / 1_000} s in all`)
  })
  waiting?.write(CLEAR_LINE)
  if (asJson) writeJson(io.out, jsonOf(checked, target))
  else writeLine(io.out, `\n${sentenceOf(checked)}`)
  return checked.ok ? EXIT.done : EXIT.failed
}

function jsonOf({ ok, traceId, checks }: CheckedStack, { logs, loki, tempo }: StackTarget): unknown {
  return {
    ok,
    version: packageVersion(),
    otlp: logs.url,
    loki: loki.url,
    tempo: tempo.url,
    trace_id: traceId,
    checks,
  }
}

function sentenceOf({ ok, checks, traceId }: CheckedStack): string {
  const failed = checks.filter(({ status }) => status === 'fail')
  if (!ok) return `${failed.length} of ${checks.length} checks failed.`
  const took = (name: string): string => millis(checks.find((check) => check.name === name)?.took_ms ?? 0)
  return `A record is in Loki after ${took('loki record')}, a span in Tempo after ${took('tempo span')}: trace ${traceId}.`
}
