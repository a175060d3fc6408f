/** `tracelog flatten --follow --resume`: each record once, whatever becomes of the process and of the file. */
import { appendFileSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, onTestFinished, test } from 'vitest'

import { startChild, type RunningChild } from '../support/child.ts'
import { runCli } from './run-cli.ts'

const CLI = new URL('../../dist/cli.js', import.meta.url).pathname

interface Scene {
  readonly input: string
  readonly output: string
  /** So many more requests of one record. */
  write(count: number): void
  rotate(): void
  start(): RunningChild
  /** Numbers of the records in the output, in its order. */
  seen(): number[]
  readonly written: number
}

function startScene(): Scene {
  const folder = mkdtempSync(join(tmpdir(), 'tracelog-resume-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const input = join(folder, 'logs.jsonl')
  const output = join(folder, 'all.jsonl')
  writeFileSync(input, '')
  let written = 0
  let rotations = 0
  return {
    input,
    output,
    get written() {
      return written
    },
    write(count) {
      let text = ''
      for (let n = 0; n < count; n++)
        text += `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"${written++} ${'x'.repeat(50)}"}}]}]}]}\n`
      // In two pieces: the first may end in the middle of a line.
      const cut = Math.floor(text.length / 2)
      appendFileSync(input, text.slice(0, cut))
      appendFileSync(input, text.slice(cut))
    },
    rotate() {
      renameSync(input, join(folder, `logs-2026-11-21T07-30-${String(rotations++).padStart(2, '0')}.000.jsonl`))
      writeFileSync(input, '')
    },
    start() {
      const child = startChild(CLI, { preload: 'none', args: ['flatten', '--follow', '--resume', '-o', output, input] })
      onTestFinished(() => child.kill('SIGKILL'))
      return child
    },
    seen: () =>
      [...readFileSync(output, { encoding: 'utf8', flag: 'a+' }).matchAll(/"message":"(\d+) /g)].map(([, n]) =>
        Number(n),
      ),
  }
}

test('each record is there once and in order, after every kill -9, with rotations meanwhile', async () => {
  const scene = startScene()
  let child = scene.start()
  for (let round = 0; round < 5; round++) {
    const target = scene.written + 300
    for (let n = 0; n < 6; n++) {
      scene.write(100)
      if (n % 2 === round % 2) scene.rotate()
    }
    await expect.poll(() => scene.seen().length, { timeout: 20_000 }).toBeGreaterThan(target)
    child.kill('SIGKILL')
    await child.ended
    scene.write(50)
    child = scene.start()
  }
  const all = Array.from({ length: scene.written }, (_, n) => n)
  await expect.poll(() => scene.seen().length, { timeout: 20_000 }).toBe(all.length)
  expect(scene.seen()).toEqual(all)
  child.kill('SIGTERM')
  expect(await child.ended).toMatchObject({ code: 0, stderr: '' })
})

test('what stands in the output beyond what was noted is made again; a note of another file is told', async () => {
  const scene = startScene()
  scene.write(3)
  const first = scene.start()
  await expect.poll(() => scene.seen()).toEqual([0, 1, 2])
  first.kill('SIGINT')
  await first.ended
  const place = JSON.parse(readFileSync(`${scene.output}.place`, 'utf8')) as {
    inode: number
    offset: number
    size: number
  }
  appendFileSync(scene.output, '{"message":"7 torn')
  scene.write(1)
  const second = scene.start()
  await expect.poll(() => scene.seen()).toEqual([0, 1, 2, 3])
  second.kill('SIGINT')
  expect((await second.ended).stderr).toBe('')

  writeFileSync(`${scene.output}.place`, JSON.stringify({ ...place, inode: 1 }))
  const third = scene.start()
  await expect.poll(() => third.stderr()).toContain('the file that was read before is gone')
})

test('it needs --follow and --output', async () => {
  expect(await runCli(['flatten', '--resume', 'x'])).toMatchObject({
    code: 2,
    err: expect.stringContaining('--resume is without'),
  })
  expect((await runCli(['flatten', '--resume', '--follow', 'x'])).code).toBe(2)
})
