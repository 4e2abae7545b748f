package gate

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/bits"
	"slices"
	"strconv"
	"strings"
)

// PermitBatchType is the typ of the header of a permit that was signed together
// with others: the signature is over the root of a Merkle tree (RFC 6962) whose
// leaves are the permits' payloads, and the header proves that the payload is one.
const PermitBatchType = "gate-permit-batch+jws"

type permitBatchHeader struct {
	Algorithm string   `json:"alg"`
	Type      string   `json:"typ"`
	KeyID     string   `json:"kid"`
	Batch     string   `json:"batch"`
	Index     int64    `json:"index"`
	Size      int64    `json:"size"`
	Path      []string `json:"path"` // from the leaf to the root, base64url
}

// maxPermitPath is more than any batch needs: a tree of 2^40 leaves.
const maxPermitPath = 40

// batchStatement is the text that is signed for a batch.
func batchStatement(batch string, size int64, root [32]byte) []byte {
	b := append([]byte("rigistry/gate-batch/v1\n"), batch...)
	b = append(b, '\n')
	b = strconv.AppendInt(b, size, 10)
	b = append(b, '\n')
	b = base64.RawURLEncoding.AppendEncode(b, root[:])
	return append(b, '\n')
}

func permitLeaf(payload []byte) [32]byte {
	return sha256.Sum256(append(make([]byte, 1, 1024), payload...)) // on the stack for most
}

func permitNode(left, right [32]byte) [32]byte {
	var b [65]byte
	b[0] = 1
	copy(b[1:], left[:])
	copy(b[33:], right[:])
	return sha256.Sum256(b[:])
}

// permitTree gives the root of leaves and the path of each to it. The tree of no
// leaf is none.
func permitTree(leaves [][32]byte) (root [32]byte, paths [][][32]byte) {
	paths = make([][][32]byte, len(leaves))
	depth := bits.Len(uint(max(1, len(leaves)) - 1))
	all := make([][32]byte, len(leaves)*depth)
	for i := range paths {
		paths[i] = all[i*depth : i*depth : (i+1)*depth]
	}
	var hash func(from, until int) [32]byte
	hash = func(from, until int) [32]byte {
		if until-from == 1 {
			return leaves[from]
		}
		half := 1
		for half*2 < until-from {
			half *= 2
		}
		left, right := hash(from, from+half), hash(from+half, until)
		for i := from; i < from+half; i++ {
			paths[i] = append(paths[i], right)
		}
		for i := from + half; i < until; i++ {
			paths[i] = append(paths[i], left)
		}
		return permitNode(left, right)
	}
	if len(leaves) > 0 {
		root = hash(0, len(leaves))
	}
	return root, paths
}

// permitRoot follows a path from a leaf to the root as RFC 9162 section 2.1.3.2
// does; false when the path does not fit the place.
func permitRoot(leaf [32]byte, index, size int64, path [][32]byte) ([32]byte, bool) {
	if index < 0 || index >= size {
		return leaf, false
	}
	at, last, root := index, size-1, leaf
	for _, p := range path {
		if last == 0 {
			return root, false
		}
		if at&1 == 1 || at == last {
			root = permitNode(p, root)
			for at&1 == 0 && at != 0 {
				at, last = at>>1, last>>1
			}
		} else {
			root = permitNode(root, p)
		}
		at, last = at>>1, last>>1
	}
	return root, last == 0
}

// SignPermits signs permits as one batch: one signature for all, and each text can
// be checked alone. The batch's name has no line end.
func SignPermits(key ed25519.PrivateKey, batch string, permits []Permit) ([]string, error) {
	if len(key) != ed25519.PrivateKeySize {
		return nil, errors.New("the key is not an Ed25519 private key")
	}
	payloads := make([][]byte, 0, len(permits))
	for _, p := range permits {
		payload, err := json.Marshal(p)
		if err != nil {
			return nil, fmt.Errorf("write a permit: %w", err)
		}
		payloads = append(payloads, payload)
	}
	sign := func(statement []byte) ([]byte, error) { return ed25519.Sign(key, statement), nil }
	pub := ed25519.PublicKey(key[ed25519.PrivateKeySize-ed25519.PublicKeySize:])
	texts, _, _, err := signBatch(sign, KeyID(pub), batch, payloads)
	return texts, err
}

// signBatch signs payloads and gives their texts, the root and the signature.
func signBatch(sign func([]byte) ([]byte, error), kid, batch string, payloads [][]byte) (texts []string, root [32]byte, signature []byte, err error) {
	leaves := make([][32]byte, 0, len(payloads))
	for _, p := range payloads {
		leaves = append(leaves, permitLeaf(p))
	}
	root, paths := permitTree(leaves)
	size := int64(len(payloads))
	if signature, err = sign(batchStatement(batch, size, root)); err != nil {
		return nil, root, nil, fmt.Errorf("sign a batch of permits: %w", err)
	}
	name, err := json.Marshal(batch)
	if err != nil {
		return nil, root, nil, err
	}
	texts = make([]string, 0, len(payloads))
	encoded := base64.RawURLEncoding.EncodeToString(signature)
	var header, text []byte
	for i, payload := range payloads {
		header = append(header[:0], `{"alg":"EdDSA","typ":"`+PermitBatchType+`","kid":"`...)
		header = append(append(append(header, kid...), `","batch":`...), name...)
		header = strconv.AppendInt(append(header, `,"index":`...), int64(i), 10)
		header = strconv.AppendInt(append(header, `,"size":`...), size, 10)
		header = append(header, `,"path":[`...)
		for j, p := range paths[i] {
			if j > 0 {
				header = append(header, ',')
			}
			header = append(base64.RawURLEncoding.AppendEncode(append(header, '"'), p[:]), '"')
		}
		header = append(header, ']', '}')
		text = base64.RawURLEncoding.AppendEncode(text[:0], header)
		text = base64.RawURLEncoding.AppendEncode(append(text, '.'), payload)
		texts = append(texts, string(append(append(text, '.'), encoded...)))
	}
	return texts, root, signature, nil
}

// openPermitBatch reads the payload of a text of the type PermitBatchType into v.
// It takes the one form that signBatch writes.
func openPermitBatch(token string, keys []ed25519.PublicKey, v any) error {
	parts, err := threeParts(token)
	if err != nil {
		return err
	}
	var header permitBatchHeader
	if !strictJSON(parts[0], &header) || header.Algorithm != "EdDSA" || header.Type != PermitBatchType || header.Path == nil ||
		len(header.Path) > maxPermitPath || strings.ContainsRune(header.Batch, '\n') {
		return errors.New("its header is of another type")
	}
	path := make([][32]byte, 0, len(header.Path))
	for _, text := range header.Path {
		b, err := base64.RawURLEncoding.Strict().DecodeString(text)
		if err != nil || len(b) != sha256.Size || base64.RawURLEncoding.EncodeToString(b) != text {
			return errors.New("its path is not made of hashes")
		}
		path = append(path, [32]byte(b))
	}
	root, fits := permitRoot(permitLeaf(parts[1]), header.Index, header.Size, path)
	if !fits {
		return fmt.Errorf("its path does not lead from place %d of %d to a root", header.Index, header.Size)
	}
	statement := batchStatement(header.Batch, header.Size, root)
	if !slices.ContainsFunc(keys, func(key ed25519.PublicKey) bool {
		return len(key) == ed25519.PublicKeySize && KeyID(key) == header.KeyID && ed25519.Verify(key, statement, parts[2])
	}) {
		return fmt.Errorf("no known key with the id %s signed it", header.KeyID)
	}
	if !strictJSON(parts[1], v) {
		return errors.New("its content is not of the form that is signed")
	}
	return nil
}

// encodeRoot writes a root as it stands in what is signed.
func encodeRoot(root [32]byte) string { return base64.RawURLEncoding.EncodeToString(root[:]) }
