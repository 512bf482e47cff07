package pgcluster

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// account is who the server runs as. PostgreSQL refuses to run as root, so root hands
// the cluster to an unprivileged account; anybody else keeps it.
type account struct {
	uid, gid uint32
	name     string
	drop     bool // this process is root and has to become the account
}

// chooseAccount picks the account for the cluster in dir, which need not exist yet.
func chooseAccount(dir string) (account, error) {
	me := account{uid: uint32(os.Geteuid()), gid: uint32(os.Getegid())}
	me.name = accountName(me.uid)
	owner, exists := ownerOf(dir)
	if me.uid != 0 {
		if exists && owner.uid != me.uid {
			return account{}, fmt.Errorf("%s belongs to the account %s. Run Careloop as that account or as root, "+
				"or choose another place: --data-dir DIR", dir, owner.name)
		}
		return me, nil
	}
	if exists && owner.uid != 0 {
		owner.drop = true // made by an earlier run, perhaps by another account
		return owner, nil
	}
	for _, name := range []string{"postgres", "_postgres", "careloop"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err1 == nil && err2 == nil && uid != 0 {
			return account{uid: uint32(uid), gid: uint32(gid), name: name, drop: true}, nil
		}
	}
	return account{}, errors.New("PostgreSQL does not run as root, and there is no account to run it as. " +
		"Type: useradd --system --no-create-home careloop")
}

func ownerOf(path string) (account, bool) {
	info, err := os.Stat(path)
	if err != nil {
		return account{}, false
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return account{}, false
	}
	return account{uid: st.Uid, gid: st.Gid, name: accountName(st.Uid)}, true
}

func accountName(uid uint32) string {
	id := strconv.FormatUint(uint64(uid), 10)
	if u, err := user.LookupId(id); err == nil {
		return u.Username
	}
	return id
}

// sysProcAttr starts a process as the account, in a session of its own: Ctrl-C in the
// terminal must not reach the server before its clients have closed.
func (a account) sysProcAttr() *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setsid: true}
	if a.drop {
		attr.Credential = &syscall.Credential{Uid: a.uid, Gid: a.gid}
	}
	return attr
}

// own gives a path and all below it to the account.
func (a account) own(path string) error {
	if !a.drop {
		return nil
	}
	return filepath.WalkDir(path, func(p string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(p, int(a.uid), int(a.gid))
	})
}

// handsOver tells whether files can be given to a program as open descriptors that
// it can name: then the account need not be able to walk to them.
func handsOver() bool {
	_, err := os.Stat("/proc/self/fd")
	return err == nil
}

// hand gives a program a path by which it, as the account, reaches the file or
// directory: the path itself, or the name of a descriptor where this process is root,
// since the data directory may lie where only root can walk (a directory of mktemp, or
// root's home). closeHanded is due once the program has started or failed to.
func (a account) hand(cmd *exec.Cmd, path string) (string, error) {
	if !a.drop || !handsOver() {
		return path, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	cmd.ExtraFiles = append(cmd.ExtraFiles, f)
	return fmt.Sprintf("/proc/self/fd/%d", 2+len(cmd.ExtraFiles)), nil
}

func closeHanded(cmd *exec.Cmd) {
	for _, f := range cmd.ExtraFiles {
		_ = f.Close() // opened to be read, and by the program, too
	}
}

// canReach makes sure that the account can walk to what is inside dir. It opens dir
// itself to passers-by when that is needed, and nothing above it.
func (a account) canReach(dir string) error {
	if !a.drop {
		return nil
	}
	for p := filepath.Dir(dir); ; p = filepath.Dir(p) {
		ok, err := a.canEnter(p)
		if err != nil {
			return err
		}
		if !ok {
			return fmt.Errorf("PostgreSQL does not run as root, and the account %s that it runs as cannot enter %s. "+
				"Choose another place, for example: --data-dir /var/lib/careloop; or type: chmod o+x %s", a.name, p, p)
		}
		if p == filepath.Dir(p) {
			break
		}
	}
	ok, err := a.canEnter(dir)
	if err != nil || ok {
		return err
	}
	if home, err := os.UserHomeDir(); err == nil && filepath.Clean(home) == dir {
		return fmt.Errorf("%s is a home directory that the account %s cannot enter. "+
			"Choose another place, for example: --data-dir /var/lib/careloop", dir, a.name)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	return os.Chmod(dir, info.Mode().Perm()|0o001)
}

func (a account) canEnter(dir string) (bool, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return false, err
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return true, nil
	}
	switch mode := info.Mode().Perm(); {
	case st.Uid == a.uid:
		return mode&0o100 != 0, nil
	case st.Gid == a.gid:
		return mode&0o010 != 0, nil
	default:
		return mode&0o001 != 0, nil
	}
}
