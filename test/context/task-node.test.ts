import { expect, test } from 'vitest'

import { TaskNode } from '../../src/context/task-node.ts'
import { MAX_TASK_PATH } from '../../src/model/task-path.ts'

test('gives numbers from 1, below its own path, and counts those that do not come by themselves', () => {
  const root = new TaskNode({ path: '' })
  expect([root.next(), root.next(true), root.peek(), root.next()]).toEqual(['1', '2', '3', '3'])
  root.addUnsent()
  expect([root.last, root.unsent]).toEqual([3, 2])
  const child = new TaskNode({ path: root.next(), parent: root })
  expect([child.next(), child.next()]).toEqual(['4/1', '4/2'])
})

test('what is bound above counts below, the nearest over all, and from now on', () => {
  const root = new TaskNode({ path: '' })
  const child = new TaskNode({ path: '1', parent: root })
  expect(child.fields).toBeUndefined()
  root.bind({ a: 1, b: 1 })
  child.bind({ b: 2 })
  root.bind({ c: 3 })
  expect(child.fields).toEqual({ a: 1, b: 2, c: 3 })
  expect(root.fields).toEqual({ a: 1, b: 1, c: 3 })
})

test('a path that would be too long ends; what hangs below begins anew and keeps nothing that was above', () => {
  let node = new TaskNode({ path: '' })
  node.bind({ tenant: 'a' })
  const paths: string[] = []
  for (let depth = 0; depth < 1000; depth++) {
    const path = node.next()
    paths.push(path)
    node = new TaskNode({ path, parent: node })
  }
  expect(Math.max(...paths.map((path) => path.length))).toBeLessThanOrEqual(MAX_TASK_PATH)
  expect(paths.filter((path) => path === '').length).toBeGreaterThan(2)
  expect(node.fields).toEqual({ tenant: 'a' })
})
