// A client in Go: net/http over crypto/tls. It posts one body and prints the status.
package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"time"
)

func main() {
	address := flag.String("address", "", "connect to this address:port without asking the DNS")
	body := flag.String("body", "", "file to send as JSON")
	ech := flag.String("ech", "", "ECH configuration list in base64, as an HTTPS record gives it")
	http1 := flag.Bool("http1", false, "do not offer HTTP/2")
	flag.Parse()
	if err := post(flag.Arg(0), *address, *body, *ech, *http1); err != nil {
		log.Fatal(err)
	}
}

func post(url, address, body, ech string, http1 bool) error {
	settings := &tls.Config{}
	if ech != "" {
		list, err := base64.StdEncoding.DecodeString(ech)
		if err != nil {
			return err
		}
		settings.EncryptedClientHelloConfigList = list
	}
	dialer := &net.Dialer{Timeout: 5 * time.Second}
	transport := &http.Transport{
		TLSClientConfig:   settings,
		ForceAttemptHTTP2: !http1,
		DialContext: func(ctx context.Context, network, target string) (net.Conn, error) {
			if address != "" {
				target = address
			}
			return dialer.DialContext(ctx, network, target)
		},
	}
	defer transport.CloseIdleConnections()
	content, err := os.ReadFile(body)
	if err != nil {
		return err
	}
	request, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(content))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer example")
	response, err := (&http.Client{Transport: transport, Timeout: 10 * time.Second}).Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return err
	}
	fmt.Println(response.Proto, response.Status)
	return nil
}
