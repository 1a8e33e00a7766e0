"""A client in Python: http.client over ssl. One connection, one or more requests, keep-alive."""

import argparse
import gzip
import http.client
import ssl
import sys
from pathlib import Path
from urllib.parse import urlsplit

VERSIONS = {
    "1.1": ssl.TLSVersion.TLSv1_1,
    "1.2": ssl.TLSVersion.TLSv1_2,
    "1.3": ssl.TLSVersion.TLSv1_3,
}


def settings(version: str | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if version:
        context.minimum_version = context.maximum_version = VERSIONS[version]
    if version == "1.1":
        # OpenSSL 3 signs no handshake below TLS 1.2 unless its security level is 0.
        context.set_ciphers("DEFAULT@SECLEVEL=0")
    return context


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("urls", nargs="+", help="URLs of one host, asked for one after the other")
    parser.add_argument("--body", type=Path, help="file to post; without it the requests are GET")
    parser.add_argument("--form", action="store_true", help="the body is a form")
    parser.add_argument("--gzip", action="store_true", help="compress the body")
    parser.add_argument("--accept-gzip", action="store_true", help="take compressed answers")
    parser.add_argument("--tls", choices=VERSIONS, help="this TLS version and no other")
    args = parser.parse_args()

    first = urlsplit(args.urls[0])
    if first.scheme == "https":
        connection = http.client.HTTPSConnection(first.netloc, timeout=10, context=settings(args.tls))
    else:
        connection = http.client.HTTPConnection(first.netloc, timeout=10)

    headers = {"User-Agent": "python-client/1", "Authorization": "Bearer example"}
    if args.accept_gzip:
        headers["Accept-Encoding"] = "gzip"
    body = args.body.read_bytes() if args.body else None
    if body is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded" if args.form else "application/json"
        if args.gzip:
            headers["Content-Encoding"] = "gzip"
            # No time in the header: the same bytes in every recording.
            body = gzip.compress(body, mtime=0)

    worst = 0
    for url in args.urls:
        parts = urlsplit(url)
        target = parts.path + ("?" + parts.query if parts.query else "")
        connection.request("GET" if body is None else "POST", target, body, headers)
        response = connection.getresponse()
        response.read()
        worst = max(worst, response.status)
    connection.close()
    return 0 if worst < 400 else 1


if __name__ == "__main__":
    sys.exit(main())
