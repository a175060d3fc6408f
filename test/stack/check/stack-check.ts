/** Runs `tracelog stack check --json` in this process. */
import type { Check } from '../../../src/cli/doctor/check.ts'
import { runCli } from '../../cli/run-cli.ts'

export interface CheckRun {
  readonly code: number
  readonly ok: boolean
  readonly traceId: string
  /** `loki record` -> `ok`. */
  readonly statuses: Readonly<Record<string, Check['status']>>
  /** `loki record` -> message and hint. */
  readonly texts: Readonly<Record<string, string>>
}

interface Printed {
  readonly ok: boolean
  readonly trace_id: string
  readonly checks: readonly Check[]
}

/** @param flags  without their dashes: `{ otlp, loki, tempo, metrics, tenant, wait }` */
export async function stackCheck(
  flags: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>> = {},
): Promise<CheckRun> {
  const argv = Object.entries(flags).map(([name, value]) => `--${name}=${value}`)
  const { code, out, err } = await runCli(['stack', 'check', '--json', ...argv], { env })
  if (err !== '') throw new Error(err)
  const { ok, trace_id, checks } = JSON.parse(out) as Printed
  return {
    code,
    ok,
    traceId: trace_id,
    statuses: Object.fromEntries(checks.map(({ name, status }) => [name, status])),
    texts: Object.fromEntries(checks.map(({ name, message, hint }) => [name, `${message} | ${hint ?? ''}`])),
  }
}
