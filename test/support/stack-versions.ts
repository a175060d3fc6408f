/** The versions of the stack: the tags of the images in the compose files, the one place where they are written. */
import { COMPOSE_FILES, readComposeText } from './compose.ts'

export interface StackImage {
  /** Without its tag. */
  readonly name: string
  readonly tag: string
}

/** One for each `image:` that is written in a compose file. */
export function stackImages(): readonly StackImage[] {
  const lines = COMPOSE_FILES.flatMap((file) => [...readComposeText(file).matchAll(/^ +image: *(.*?) *(?:#.*)?$/gm)])
  return lines.map(([, text = '']) => {
    const [name = '', tag = ''] = text.split(':')
    return { name, tag }
  })
}

/** For example `stackVersion('grafana/loki')` -> `3.7.8`. @throws Error when no compose file has the image */
export function stackVersion(name: string): string {
  const image = stackImages().find((each) => each.name === name)
  if (image === undefined) throw new Error(`no compose file has the image ${name}`)
  return image.tag
}
