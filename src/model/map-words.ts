/**
 * How the figures of the map are told: on the terminal and on the page.
 */
import type { ServiceMap } from './api.ts'

const SECOND = 1_000

/** Seconds that the map is of; at least one. */
export function secondsOf({ covered_from: from, to }: Pick<ServiceMap, 'covered_from' | 'to'>): number {
  return Math.max(1, (Date.parse(to) - Date.parse(from)) / SECOND)
}

/** `1.2/s`, `3/min`: so that a number says something. */
export function rateText(calls: number, seconds: number): string {
  const rate = calls / seconds
  if (rate >= 10) return `${rate.toFixed(0)}/s`
  if (rate >= 1) return `${rate.toFixed(1)}/s`
  const perMinute = rate * 60
  return perMinute >= 1 ? `${perMinute.toFixed(0)}/min` : `${(perMinute * 60).toFixed(0)}/h`
}

/** `3 %`, `0.4 %`; `''` where nothing failed. */
export function shareText(errors: number, of: number): string {
  if (errors === 0 || of === 0) return ''
  const share = (100 * errors) / of
  return share >= 1 ? `${share.toFixed(0)} %` : share >= 0.1 ? `${share.toFixed(1)} %` : '<0.1 %'
}
