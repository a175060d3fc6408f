/** One setting at a time: what is read, and what a wrong text leads to. */
import { expect } from 'vitest'

import { readAppConfig, type AppConfig } from '../../src/config/app-config.ts'

/** The configuration with only these variables set; they must all be right. */
export function configOf(env: Readonly<Record<string, string>>): AppConfig {
  const { config, problems } = readAppConfig(env)
  expect(problems).toEqual([])
  return config
}

/** A wrong value is one problem that names variable, value and rule; everything else is as if it were not set. */
export function expectProblem(env: Readonly<Record<string, string>>, text: string): void {
  const [name] = Object.keys(env)
  const { config, problems } = readAppConfig(env)
  expect(problems.map((problem) => problem.message)).toEqual([text])
  expect(problems[0]?.code).toBe('TRACELOG_CONFIG_INVALID')
  expect(problems[0]?.message).toContain(name)
  const others = Object.fromEntries(Object.entries(env).slice(1))
  expect(config).toEqual(readAppConfig(others).config)
}
