/** A program named docker that notes how it was called: stands for the command line of Docker alone, never for a server. */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface FakeDocker {
  readonly env: Readonly<Record<string, string>>
  /** Without `compose version`. Each with the folder it was called in. */
  calls(): readonly string[]
}

/** @param script  what it does after noting, in sh; `$2` is the first word after `compose` */
export function fakeDocker(folder: string, script = 'exit 0'): FakeDocker {
  const [bin, notes] = [join(folder, 'bin'), join(folder, 'calls')]
  mkdirSync(bin, { recursive: true })
  const file = join(bin, 'docker')
  writeFileSync(file, `#!/bin/sh\necho "$PWD: $*" >> '${notes}'\n${script}\n`)
  chmodSync(file, 0o755)
  return {
    env: { PATH: `${bin}:/usr/bin:/bin` },
    calls: () =>
      (existsSync(notes) ? readFileSync(notes, 'utf8').trimEnd().split('\n') : []).filter(
        (line) => !line.endsWith(': compose version'),
      ),
  }
}
