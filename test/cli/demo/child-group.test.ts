/** No process of the demo outlives it. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

import { expect, test } from 'vitest'

import { createChildGroup, type DemoChild } from '../../../src/cli/demo/child-group.ts'
import { requirePs } from '../../support/require.ts'

function startScript(group: ReturnType<typeof createChildGroup>, script: string): DemoChild {
  return group.start({ name: 'x', program: process.execPath, args: ['-e', script], env: process.env })
}

/** A dead process that its parent has not asked about yet (state Z) is not alive. */
function isAlive(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' })
  return stdout.trim() !== '' && !stdout.startsWith('Z')
}

requirePs('a process is ready when it prints what is waited for, and is gone after stopAll', async () => {
  const group = createChildGroup()
  const child = startScript(group, `console.log('starting'); console.log('port 7'); setInterval(() => {}, 1000)`)
  expect(await child.firstLine((line) => /port (\d+)/.exec(line)?.[1])).toBe('7')
  await group.stopAll()
  expect(isAlive(child.pid)).toBe(false)
})

test('the last started is ended first', async () => {
  const group = createChildGroup()
  const ended: string[] = []
  for (const name of ['a', 'b', 'c']) {
    const child = startScript(group, `setInterval(() => {}, 1000); console.log('ready')`)
    void child.ended.then(() => ended.push(name))
    await child.firstLine((line) => line)
  }
  await group.stopAll()
  expect(ended).toEqual(['c', 'b', 'a'])
})

test('nothing can be started once all are ended', async () => {
  const group = createChildGroup()
  await group.stopAll()
  expect(() => startScript(group, '')).toThrow('everything is being ended')
})

test('a process that ends instead says so with its own words', async () => {
  const group = createChildGroup()
  const child = startScript(group, `console.error('port is taken'); process.exit(4)`)
  const failure = await child.firstLine(() => undefined).catch((error: unknown) => error as Error & { hint: string })
  expect(failure).toMatchObject({ message: 'x did not become ready and ended with 4', hint: 'port is taken' })
  await group.stopAll()
})

test('what programs wrote to standard error is kept, with their names', async () => {
  const group = createChildGroup()
  await startScript(group, `console.error('first\\nsecond')`).ended
  await startScript(group, '').ended
  expect(group.errors()).toEqual(['x: first', 'x: second'])
  await group.stopAll()
})

test('a program that does not exist is an error, not a crash', async () => {
  const group = createChildGroup()
  const child = group.start({ name: 'x', program: 'no-such-program', args: [], env: process.env })
  await expect(child.firstLine(() => undefined)).rejects.toThrow('x did not become ready')
  await group.stopAll()
})

requirePs('an uncaught error ends the children too', async () => {
  const module = fileURLToPath(new URL('../../../dist/cli/demo/child-group.js', import.meta.url))
  const script = `import { createChildGroup } from ${JSON.stringify(module)}
    const group = createChildGroup()
    const args = ['-e', "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('ready')"]
    const child = group.start({ name: 'x', program: process.execPath, args, env: process.env })
    await child.firstLine((line) => line)
    console.log(child.pid)
    throw new Error('a fault')`
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'ignore'] })
  let out = ''
  parent.stdout.on('data', (chunk) => (out += String(chunk)))
  expect(await once(parent, 'close')).toEqual([1, null])
  await expect.poll(() => isAlive(Number(out))).toBe(false)
})
