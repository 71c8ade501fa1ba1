package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	bolt "go.etcd.io/bbolt"
)

// Backup writes a copy of the store, as it is at this moment, to path while the store stays in use. The copy has mode 0600
// and is complete and durable once it has its name; a file of that name is replaced. Until it ends, replaced data is kept
// on disk, so the store grows by what is written meanwhile.
func (b *Bolt) Backup(ctx context.Context, path string) error {
	if err := b.ready(ctx); err != nil {
		return err
	}
	if err := b.backup(ctx, path); err != nil {
		return fmt.Errorf("backing up the store to %q: %w", path, err)
	}
	return nil
}

func (b *Bolt) backup(ctx context.Context, path string) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".new-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	err = b.read(func(tx *bolt.Tx) error {
		if err := b.refuseSelf(path); err != nil {
			return err
		}
		_, err := tx.WriteTo(cancelWriter{ctx, f})
		return err
	})
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// refuseSelf keeps a backup from taking the place of the open file, which would go on being written without a name.
func (b *Bolt) refuseSelf(path string) error {
	target, err := os.Stat(path)
	if err != nil {
		return nil // there is no such file, or making one will say what is wrong
	}
	own, err := b.file.Stat()
	if err != nil {
		return err
	}
	if os.SameFile(own, target) {
		return errors.New("that is the store itself; name another path")
	}
	return nil
}

// cancelWriter stops a long copy when ctx ends.
type cancelWriter struct {
	ctx context.Context
	to  io.Writer
}

func (w cancelWriter) Write(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.to.Write(p)
}
