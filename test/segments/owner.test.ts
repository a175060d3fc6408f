import { describe, expect, test } from 'vitest'

import { createOwners, type OwnerSystem, ownersHere } from '../../src/segments/owner.ts'

const BOOT = '11111111-2222-3333-4444-555555555555\n'
const stat = (pid: number, ticks: number, state = 'S') =>
  `${pid} (a (b) c) ${state} ${Array.from({ length: 18 }, () => '0').join(' ')} ${ticks} 0 0`

interface Fake {
  readonly boot?: string
  readonly namespace?: string
  readonly processes?: Readonly<Record<number, string>>
  readonly pid?: number
  readonly now?: number
}

function system({
  boot = BOOT,
  namespace = 'pid:[42]',
  processes = {},
  pid = 7,
  now = 100_000,
}: Fake = {}): OwnerSystem {
  const files = new Map(Object.entries(processes).map(([id, text]) => [`/proc/${id}/stat`, text]))
  if (boot !== '') files.set('/proc/sys/kernel/random/boot_id', boot)
  if (!files.has(`/proc/${pid}/stat`) && boot !== '') files.set(`/proc/${pid}/stat`, stat(pid, 5))
  return {
    read: (path) => {
      const text = files.get(path)
      if (text === undefined) throw new Error('ENOENT')
      return text
    },
    readLink: () => {
      if (namespace === '') throw new Error('ENOENT')
      return namespace
    },
    pid,
    wallMillis: () => now,
  }
}

const OWN = '11111111222233334444555555555555-42-7-5'
const other = (pid: number, ticks: number, namespace = 42, boot = '11111111222233334444555555555555') =>
  `${boot}-${namespace}-${pid}-${ticks}`

describe('the owner of a file', () => {
  test('is named by boot, namespace, pid and start', () => {
    expect(createOwners(system()).own).toBe(OWN)
  })

  test.each([
    {
      what: 'lives with the same start',
      processes: { 9: stat(9, 70) },
      owner: other(9, 70),
      touched: 0,
      isGone: false,
    },
    {
      what: 'has left its pid to another',
      processes: { 9: stat(9, 71) },
      owner: other(9, 70),
      touched: 100_000,
      isGone: true,
    },
    { what: 'is no process any more', processes: {}, owner: other(9, 70), touched: 100_000, isGone: true },
    { what: 'is a zombie', processes: { 9: stat(9, 70, 'Z') }, owner: other(9, 70), touched: 100_000, isGone: true },
    {
      what: 'is in another namespace and has touched',
      processes: {},
      owner: other(9, 70, 43),
      touched: 95_500,
      isGone: false,
    },
    {
      what: 'is in another namespace and has not',
      processes: {},
      owner: other(9, 70, 43),
      touched: 94_000,
      isGone: true,
    },
    {
      what: 'was before the last boot',
      processes: { 9: stat(9, 70) },
      owner: other(9, 70, 42, 'ff'),
      touched: 0,
      isGone: true,
    },
    { what: 'runs on another system', processes: {}, owner: other(9, 70, 42, 'ff'), touched: 99_000, isGone: false },
    { what: 'is this process', processes: {}, owner: OWN, touched: 0, isGone: false },
  ])('that $what: gone is $isGone', ({ processes, owner, touched, isGone }) => {
    expect(createOwners(system({ processes })).isGone(owner, touched)).toBe(isGone)
  })

  test('without /proc lives while it touches', () => {
    const owners = createOwners(system({ boot: '', namespace: '' }))
    expect(owners.own).toBe('0-0-7-0')
    expect(owners.isGone('0-0-9-0', 99_000)).toBe(false)
    expect(owners.isGone('0-0-9-0', 94_000)).toBe(true)
    expect(owners.isGone('0-0-7-0', 0)).toBe(false)
  })

  test('is the same for every call in a process', () => {
    expect(ownersHere(Date.now).own).toBe(ownersHere(Date.now).own)
    expect(ownersHere(Date.now).isGone(ownersHere(Date.now).own, 0)).toBe(false)
  })
})
