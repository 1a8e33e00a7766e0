package main

import (
	"crypto/ecdh"
	"crypto/rand"
	"crypto/tls"
	"encoding/binary"
)

const (
	echVersion   = 0xfe0d
	kemX25519    = 0x0020
	kdfSHA256    = 0x0001
	aeadAES128   = 0x0001
	echConfigID  = 7
	echMaxLength = 64
)

// newECH makes a key and the ECHConfigList (RFC 9849, section 4) that names it.
func newECH(publicName string) (tls.EncryptedClientHelloKey, []byte, error) {
	private, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		return tls.EncryptedClientHelloKey{}, nil, err
	}
	contents := []byte{echConfigID}
	contents = binary.BigEndian.AppendUint16(contents, kemX25519)
	contents = appendVector(contents, private.PublicKey().Bytes())
	contents = appendVector(contents, []byte{kdfSHA256 >> 8, kdfSHA256, aeadAES128 >> 8, aeadAES128})
	contents = append(contents, echMaxLength, byte(len(publicName)))
	contents = append(contents, publicName...)
	contents = appendVector(contents, nil) // no extensions

	config := appendVector(binary.BigEndian.AppendUint16(nil, echVersion), contents)
	key := tls.EncryptedClientHelloKey{Config: config, PrivateKey: private.Bytes(), SendAsRetry: true}
	return key, appendVector(nil, config), nil
}

func appendVector(to, vector []byte) []byte {
	return append(binary.BigEndian.AppendUint16(to, uint16(len(vector))), vector...)
}
