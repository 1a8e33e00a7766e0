// The far side of every recording: one process that plays all providers, the processor's own customer
// store and the intake form of a workload. It listens on the documentation addresses of hosts.go and
// answers like the services do; it never opens a connection itself.
package main

import (
	"crypto/tls"
	"encoding/base64"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	certs := flag.String("certs", "", "folder with HOST.pem and HOST.key")
	echOut := flag.String("ech", "", "file that receives `name configuration` lines, the ECH configurations for the DNS")
	inbound := flag.String("inbound", "", "listen on this address alone, as a workload's own form")
	flag.Parse()

	if *inbound != "" {
		log.Fatal(http.ListenAndServe(*inbound, http.HandlerFunc(answer)))
	}
	if err := serve(*certs, *echOut); err != nil {
		log.Fatal(err)
	}
}

// serve opens every listener before it says "ready", so that no client meets a closed port.
func serve(certs, echOut string) error {
	failed := make(chan error)
	var published strings.Builder
	for _, h := range hosts {
		for _, address := range h.addresses {
			for _, port := range h.plainPorts {
				listener, err := net.Listen("tcp", net.JoinHostPort(address, port))
				if err != nil {
					return err
				}
				go func() { failed <- http.Serve(listener, http.HandlerFunc(answer)) }()
			}
		}
		if !h.tls {
			continue
		}
		settings, config, err := tlsFor(h, certs)
		if err != nil {
			return err
		}
		if config != nil {
			fmt.Fprintf(&published, "%s %s\n", h.name, base64.StdEncoding.EncodeToString(config))
		}
		for _, address := range h.addresses {
			listener, err := net.Listen("tcp", net.JoinHostPort(address, "443"))
			if err != nil {
				return err
			}
			server := &http.Server{
				Handler:   http.HandlerFunc(answer),
				TLSConfig: settings,
				ErrorLog:  log.New(io.Discard, "", 0),
			}
			go func() { failed <- server.ServeTLS(listener, "", "") }()
		}
	}
	if err := os.WriteFile(echOut, []byte(published.String()), 0o600); err != nil {
		return err
	}
	fmt.Println("ready")
	return <-failed
}

// tlsFor gives the TLS settings of a host and, where it speaks ECH, the configuration to publish.
func tlsFor(h host, certs string) (*tls.Config, []byte, error) {
	settings := &tls.Config{MinVersion: h.minTLS}
	names := []string{h.name}
	if h.echName != "" && h.echName != h.name {
		names = append(names, h.echName)
	}
	for _, name := range names {
		pair, err := tls.LoadX509KeyPair(filepath.Join(certs, name+".pem"), filepath.Join(certs, name+".key"))
		if err != nil {
			return nil, nil, err
		}
		settings.Certificates = append(settings.Certificates, pair)
	}
	if h.echName == "" {
		return settings, nil, nil
	}
	key, list, err := newECH(h.echName)
	if err != nil {
		return nil, nil, err
	}
	settings.EncryptedClientHelloKeys = []tls.EncryptedClientHelloKey{key}
	return settings, list, nil
}
