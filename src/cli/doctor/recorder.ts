/**
 * How does the flight recorder stand here: what it keeps and what sends it, which other services hear of a failure, who is not heard?
 */
import type { LateWay, RecorderStanding } from '../../config/recorder-standing.ts'
import type { Check } from './check.ts'
import type { TestSent } from './endpoint.ts'
import { findInstalled } from './installed-packages.ts'

const NAME = 'recorder'
const SHARES = {
  on: 'of all requests',
  auto: "of as many requests as 5 % of the event loop's time allows (a process says when its share falls; recorder.stats().share)",
}

/**
 * @param standing  `undefined`: it is off
 * @param asked  what the endpoint has answered
 */
export function checkRecorder(cwd: string, standing: RecorderStanding | undefined, asked: TestSent): Check[] {
  if (standing === undefined) {
    const message = 'off (TRACELOG_RECORDER=off): of a request that fails, lines below the level are gone'
    return [{ name: NAME, status: 'note', message }]
  }
  const { mode, level } = standing
  const kept = `keeps lines from ${level} up that no level lets through, ${SHARES[mode]}`
  return [
    { name: NAME, status: 'ok', message: `${kept}, and sends them ${triggersOf(standing)}` },
    waysCheck(standing),
    lateCheck(standing, asked),
    ...(standing.bunyan ? [] : bunyanChecks(cwd)),
  ]
}

function triggersOf({ dump }: RecorderStanding): string {
  const { level, status, slow_ms: slow, abort, ratio } = dump
  const on = [
    'an error that nobody caught',
    ...(level === 'off' ? [] : [`a record from ${level} up`]),
    `a status of ${status.join(', ')}`,
    ...(slow === undefined ? [] : [`${slow} ms`]),
    ...(abort ? ['a client that is gone first'] : []),
    ...(ratio === 0 ? [] : [`a share of ${ratio}`]),
  ]
  const off = [
    ...(level === 'off' ? ['TRACELOG_RECORDER_DUMP_LEVEL'] : []),
    ...(slow === undefined ? ['TRACELOG_RECORDER_SLOW_MS'] : []),
    ...(abort ? [] : ['TRACELOG_RECORDER_ABORT']),
    ...(ratio === 0 ? ['TRACELOG_RECORDER_RATIO'] : []),
  ]
  return `after ${on.join(', ')}${off.length === 0 ? '' : `; off: ${off.join(', ')}`}`
}

function waysCheck({ ways, trusted_peers: peers }: RecorderStanding): Check {
  const words = [
    `who asked hears of a failure by the answer (Tracelog-Dump): ${onOff(ways.answer)}`,
    `who is asked later by the request (tracestate): ${onOff(ways.request)}`,
  ]
  const check: Check = {
    name: NAME,
    status: ways.request ? 'ok' : 'warn',
    message: `services that trust each other (${peers.join(', ')}): ${words.join('; ')}`,
  }
  return ways.request
    ? check
    : { ...check, hint: 'OTEL_PROPAGATORS is without tracecontext, which carries tracestate.' }
}

const onOff = (isOn: boolean): string => (isOn ? 'on' : 'off')

/** Who had answered before a request failed hears of it through `tracelog dev` alone. */
function lateCheck({ ways }: RecorderStanding, { failure, tellsOfFailures }: TestSent): Check {
  const isOn = ways.late === 'awaited' && tellsOfFailures
  const why = isOn
    ? 'on'
    : `off, ${failure !== undefined && ways.late === 'awaited' ? NOBODY_ANSWERS : WHY_OFF[ways.late]}`
  return {
    name: NAME,
    status: isOn ? 'ok' : 'note',
    message: `who had answered before hears of a failure by tracelog dev: ${why}`,
    ...(ways.late === 'grpc' && { hint: 'OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf, at port 4318, would turn it on.' }),
  }
}

const NOBODY_ANSWERS = 'as long as the endpoint does not answer'
const WHY_OFF: Readonly<Record<LateWay, string>> = {
  awaited: 'because the endpoint does not say that it is tracelog dev (no header Tracelog-Backend)',
  grpc: 'because it is not told over gRPC',
  other_path: 'because the address of the logs does not end with /v1/logs',
  no_otlp: 'because logs are not sent over OTLP',
}

function bunyanChecks(cwd: string): Check[] {
  if (findInstalled(cwd, new Set(['bunyan'])).length === 0) return []
  const message = 'bunyan is not heard below its level'
  return [{ name: NAME, status: 'note', message, hint: 'TRACELOG_BUNYAN_ALL=on lets it make these records.' }]
}
