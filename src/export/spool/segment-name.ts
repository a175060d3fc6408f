/**
 * Names of spool segments: `<service>.<owner>-<number>.seg`.
 *
 * The service is percent-encoded; the owner is the process that has the segment (segments/owner.ts), and a claim is a rename that puts
 * another in its place. The number is given once and kept: time of creation, a random part, and what the segment is for. So it tells
 * the age of the segment, and no two segments have the same.
 */
import { randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'

import { OWNER_PATTERN } from '../../segments/owner.ts'
import type { Signal } from '../../model/signal.ts'

/** What a segment is for: batches of logs or of spans, or logs written ahead by the application's own thread. */
export type SegmentUse = Signal | 'ahead'

export interface SegmentName {
  readonly service: string
  readonly owner: string
  readonly number: string
  readonly use: SegmentUse
}

const LETTERS: Readonly<Record<SegmentUse, string>> = { logs: 'l', spans: 's', ahead: 'a' }
const USES = new Map(Object.entries(LETTERS).map(([use, letter]) => [letter, use as SegmentUse]))
const NAME = new RegExp(`^([^/]+)\\.(${OWNER_PATTERN})-([0-9a-z]{9,}([lsa]))\\.seg$`)
/** A file name has 255 bytes; the rest of it needs 110. */
const MAX_SERVICE = 120

/** How a service stands in file names. */
export function encodeService(service: string): string {
  const encoded = encodeURIComponent(service.toWellFormed())
  if (encoded.length <= MAX_SERVICE) return encoded
  return `${encoded.slice(0, MAX_SERVICE - 9)}~${crc32(encoded).toString(16).padStart(8, '0')}`
}

/** Rises with the time, so that names sort by age. @param nowMillis  since the epoch */
export function newNumber(use: SegmentUse, nowMillis: number): string {
  const time = Math.max(0, Math.floor(nowMillis)).toString(36).padStart(9, '0')
  return `${time}${randomBytes(4).toString('hex')}${LETTERS[use]}`
}

/** @param service  encoded */
export function nameOf({ service, owner, number }: Omit<SegmentName, 'use'>): string {
  return `${service}.${owner}-${number}.seg`
}

/** @returns undefined for a file that is no segment */
export function readName(name: string): SegmentName | undefined {
  const [, service, owner, number, letter] = NAME.exec(name) ?? []
  const use = USES.get(letter ?? '')
  if (service === undefined || owner === undefined || number === undefined || use === undefined) return undefined
  return { service, owner, number, use }
}
