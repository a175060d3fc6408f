/**
 * An error of the operating system in words: what could not be done with what, why, and the way out.
 */

interface SystemErrorText {
  readonly message: string
  readonly hint: string
}

const HINTS: Readonly<Record<string, string>> = {
  ENOENT: 'Check that the path is right, and that its folder is there.',
  ENOTDIR: 'A part of the path is a file: name a folder instead.',
  EEXIST: 'Something of that name is there already: name another place, or move it away.',
  EISDIR: 'That is a folder: name a file instead.',
  EACCES: 'Put its permissions right, or name another place.',
  EPERM: 'Put its permissions right, or name another place.',
  EROFS: 'That disk can only be read: name another place.',
  ENOSPC: 'Make room on that disk, or name another place.',
  EDQUOT: 'Make room on that disk, or name another place.',
  EMFILE: 'Close other programs, or raise the limit of open files (ulimit -n).',
  EADDRINUSE: 'Another program listens there: end it, or choose another port.',
}

/** @returns `undefined` for an error that is not the system's */
export function systemErrorText(error: Error): SystemErrorText | undefined {
  const { code, syscall, path, errno, message } = error as NodeJS.ErrnoException
  if (typeof code !== 'string' || typeof syscall !== 'string' || errno === undefined) return undefined
  const reason = reasonOf(code, message)
  const hint = HINTS[code]
  if (hint === undefined) return undefined
  return { message: path === undefined ? `${reason} (${syscall})` : `${path}: ${reason}`, hint }
}

/** `ENOTDIR: not a directory, open '/a/b'` */
function reasonOf(code: string, message: string): string {
  const text = message.startsWith(`${code}: `) ? message.slice(code.length + 2) : message
  const comma = text.indexOf(', ')
  return comma < 0 ? text : text.slice(0, comma)
}
