// Peer lets other people's programs judge what trialseal writes; scripts/interop calls it.
//
//	peer fsck VKEY LEDGER             Tessera's fsck audits a tile log as it lies
//	peer checkpoint VKEY FILE         sumdb/note opens a checkpoint, formats/log reads it
//	peer proof VKEY FILE ENTRY        formats/proof reads a .tlog-proof, merkle/proof verifies it for ENTRY's bytes
//
// It says nothing and exits 0 if they agree; otherwise it says why and exits 1.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/transparency-dev/formats/log"
	tlog "github.com/transparency-dev/formats/proof"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/api"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/fsck"
	"golang.org/x/mod/sumdb/note"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) < 3 {
		return errors.New("usage: peer fsck|checkpoint|proof VKEY FILE [ENTRY]")
	}
	key, err := note.NewVerifier(args[1])
	if err != nil {
		return fmt.Errorf("verifier key: %w", err)
	}
	switch {
	case args[0] == "fsck" && len(args) == 3:
		return checkLedger(key, args[2])
	case args[0] == "checkpoint" && len(args) == 3:
		return checkCheckpoint(key, args[2])
	case args[0] == "proof" && len(args) == 4:
		return checkProof(key, args[2], args[3])
	}
	return fmt.Errorf("%q with %d arguments", args[0], len(args)-1)
}

func checkLedger(key note.Verifier, dir string) error {
	source := client.FileFetcher{Root: dir}
	return fsck.New(key.Name(), key, source, leafHashes, fsck.Opts{N: 2}).Check(context.Background())
}

// The leaves of an entry tile, read by Tessera's own parser.
func leafHashes(tile []byte) ([][]byte, error) {
	var entries api.EntryBundle
	if err := entries.UnmarshalText(tile); err != nil {
		return nil, err
	}
	hashes := make([][]byte, 0, len(entries.Entries))
	for _, entry := range entries.Entries {
		hashes = append(hashes, rfc6962.DefaultHasher.HashLeaf(entry))
	}
	return hashes, nil
}

func checkCheckpoint(key note.Verifier, file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	_, err = openCheckpoint(key, text)
	return err
}

// A checkpoint as both readers see it, without extension lines, and written back unchanged.
func openCheckpoint(key note.Verifier, text []byte) (*log.Checkpoint, error) {
	checkpoint, rest, opened, err := log.ParseCheckpoint(text, key.Name(), key)
	if err != nil {
		return nil, err
	}
	if len(rest) != 0 {
		return nil, fmt.Errorf("checkpoint has extension lines: %q", rest)
	}
	if !bytes.Equal(checkpoint.Marshal(), []byte(opened.Text)) {
		return nil, fmt.Errorf("checkpoint would be written otherwise: %q", checkpoint.Marshal())
	}
	return checkpoint, nil
}

func checkProof(key note.Verifier, file, entryFile string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	entry, err := os.ReadFile(entryFile)
	if err != nil {
		return err
	}
	var p tlog.TLogProof
	if err := p.Unmarshal(text); err != nil {
		return err
	}
	if !bytes.Equal(p.Marshal(), text) {
		return errors.New("proof would be written otherwise")
	}
	checkpoint, err := openCheckpoint(key, p.Checkpoint)
	if err != nil {
		return err
	}
	hashes := make([][]byte, 0, len(p.Hashes))
	for i := range p.Hashes {
		hashes = append(hashes, p.Hashes[i][:])
	}
	leaf := rfc6962.DefaultHasher.HashLeaf(entry)
	return proof.VerifyInclusion(rfc6962.DefaultHasher, p.Index, checkpoint.Size, leaf, hashes, checkpoint.Hash)
}
