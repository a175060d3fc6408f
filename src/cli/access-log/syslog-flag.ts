/**
 * `--syslog PORT`, of `tracelog dev` and `tracelog run`: how it is called and read. What it does: take-syslog.ts.
 */
import type { Flags, FlagSpec } from '../command.ts'

export const SYSLOG_FLAG: Readonly<Record<string, FlagSpec>> = {
  syslog: {
    type: 'string',
    value: 'PORT',
    help: 'takes access lines by syslog (RFC 5424, over TCP and UDP) on this port of 127.0.0.1 (0: any free one; default: none)',
  },
}

/** @returns `undefined` when it was not asked for. @throws TRACELOG_USAGE */
export function syslogPortOf(flags: Flags): number | undefined {
  return flags.integer('syslog', { min: 0, max: 65_535 })
}
