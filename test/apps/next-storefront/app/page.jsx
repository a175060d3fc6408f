import Link from 'next/link'

export default function Home() {
  return <Link href="/products/7">Product 7</Link>
}
