/** The stage between receiving and the journal, with its real thread. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, onTestFinished, test } from 'vitest'

import { startRulesStage, type RuledRequest } from '../../../src/backend/rules/rules-stage.ts'
import { recordOfText } from '../../../src/model/log-record.ts'
import { temporaryDirectory } from '../support/backend.ts'
import { logsRequest } from './requests.ts'
import { rulesOfText } from './rules-text.ts'

const requestOf = (text: string): RuledRequest => ({
  signal: 'logs',
  bytes: logsRequest([{ service: 's', scope: 'a', records: [recordOfText(text, 1n)] }]),
  count: 1,
})

test('what the journal takes while the rules change is delivered by those that it met', async () => {
  const folder = temporaryDirectory()
  const rules = (name: string) => rulesOfText(`rules: [{name: a, do: {file: {path: '${join(folder, name)}'}}}]`)
  const stage = await startRulesStage(rules('before.jsonl'), 'test')
  onTestFinished(() => stage.stop())
  const { promise: isKept, resolve: keep } = Promise.withResolvers<void>()
  const { promise: isAsked, resolve: ask } = Promise.withResolvers<void>()
  const slow = stage.over({
    append: async () => {
      ask()
      await isKept
    },
  })
  const appending = slow.append(requestOf('one'))
  await isAsked
  await stage.reload(rules('after.jsonl'))
  keep()
  await appending
  await stage.over({ append: () => Promise.resolve() }).append(requestOf('two'))
  const lines = (name: string): string[] => {
    try {
      return readFileSync(join(folder, name), 'utf8').split('\n').slice(0, -1)
    } catch {
      return []
    }
  }
  await expect.poll(() => [lines('before.jsonl').length, lines('after.jsonl').length]).toEqual([1, 1])
  await expect.poll(() => stage.status()[0]).toMatchObject({ matched: 2, delivered: 2, lost: 0 })
})

test('what the journal refuses is delivered to nobody: it comes again', async () => {
  const folder = temporaryDirectory()
  const path = join(folder, 'all.jsonl')
  const stage = await startRulesStage(rulesOfText(`rules: [{name: a, do: {file: {path: '${path}'}}}]`), 'test')
  onTestFinished(() => stage.stop())
  const full = stage.over({ append: () => Promise.reject(new Error('full')) })
  await expect(full.append(requestOf('one'))).rejects.toThrow('full')
  await stage.over({ append: () => Promise.resolve() }).append(requestOf('one'))
  await expect.poll(() => stage.status()[0]).toMatchObject({ matched: 1, delivered: 1 })
  expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(2)
})
