//! What a file system promises to keep and nothing more: the data of a file once that file was synced, a name
//! once its folder was. All else may be there after a cut, or not, in any order.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::calls::Call;
use super::dice::Dice;
use super::recording::{AT_ONCE, Mode};

type Id = usize;
/// Names that change together.
type Names = Vec<(String, Option<Id>)>;

/// Files and folders, each with what is durable and what is not yet.
#[derive(Clone)]
pub struct Files {
    nodes: Vec<Node>,
    inodes: HashMap<u64, Id>,
}

#[derive(Clone)]
enum Node {
    File {
        durable: Vec<u8>,
        pending: Vec<Change>,
    },
    Folder {
        durable: BTreeMap<String, Id>,
        pending: Vec<Names>,
        now: BTreeMap<String, Id>,
    },
}

#[derive(Clone)]
enum Change {
    Write { at: usize, bytes: Vec<u8> },
    Length(usize),
}

impl Files {
    /// What a folder holds, all of it durable.
    pub fn of(root: &Path) -> Self {
        let mut files = Self {
            nodes: Vec::new(),
            inodes: HashMap::new(),
        };
        files.take_in(root);
        files
    }

    fn take_in(&mut self, path: &Path) -> Id {
        let found = fs::metadata(path).unwrap();
        if found.is_file() {
            let (durable, pending) = (fs::read(path).unwrap(), Vec::new());
            return self.add(found.ino(), Node::File { durable, pending });
        }
        let id = self.add(found.ino(), folder(BTreeMap::new()));
        let mut names = BTreeMap::new();
        for entry in fs::read_dir(path).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            names.insert(name, self.take_in(&entry.path()));
        }
        self.nodes[id] = folder(names);
        id
    }

    fn add(&mut self, inode: u64, node: Node) -> Id {
        let id = self.nodes.len();
        self.nodes.push(node);
        // An inode that was given up is used again, for another file.
        self.inodes.insert(inode, id);
        id
    }

    /// Takes a call in.
    pub fn apply(&mut self, call: &Call) {
        match call {
            Call::Create { inode, path } => {
                let (durable, pending) = (Vec::new(), Vec::new());
                let id = self.add(*inode, Node::File { durable, pending });
                self.rename(&[(path, Some(id))]);
            }
            Call::Folder { inode, path } => {
                let id = self.add(*inode, folder(BTreeMap::new()));
                self.rename(&[(path, Some(id))]);
            }
            Call::Rename { from, to } => {
                let id = self.find(from);
                self.rename(&[(from, None), (to, Some(id))]);
            }
            Call::Unlink(path) => self.rename(&[(path, None)]),
            Call::Write { inode, at, bytes } => {
                for (k, part) in bytes.chunks(AT_ONCE).enumerate() {
                    let (at, bytes) = (at + k * AT_ONCE, part.to_vec());
                    self.change(*inode, Change::Write { at, bytes });
                }
            }
            Call::Length { inode, length } => self.change(*inode, Change::Length(*length)),
            Call::Sync { inode, length } => self.sync(*inode, *length),
            Call::Said(_) => {}
        }
    }

    /// Changes names of one folder, all at once.
    fn rename(&mut self, names: &[(&Path, Option<Id>)]) {
        let parent = names[0].0.parent().unwrap();
        let together = names.iter().all(|(path, _)| path.parent() == Some(parent));
        assert!(together, "names of two folders changed at once");
        let changed: Names = names.iter().map(|(path, id)| (name(path), *id)).collect();
        let folder = self.find(parent);
        if let Node::Folder { pending, now, .. } = &mut self.nodes[folder] {
            set(now, &changed);
            pending.push(changed);
        }
    }

    fn change(&mut self, inode: u64, change: Change) {
        if let Node::File { pending, .. } = &mut self.nodes[self.inodes[&inode]] {
            pending.push(change);
        }
    }

    fn sync(&mut self, inode: u64, length: usize) {
        match &mut self.nodes[self.inodes[&inode]] {
            Node::File { durable, pending } => {
                pending.drain(..).for_each(|change| change.to(durable));
                durable.resize(length, 0);
            }
            Node::Folder {
                durable, pending, ..
            } => {
                pending.drain(..).for_each(|names| set(durable, &names));
            }
        }
    }

    fn find(&self, path: &Path) -> Id {
        path.iter().fold(0, |at, part| match &self.nodes[at] {
            Node::Folder { now, .. } => now[part.to_str().unwrap()],
            Node::File { .. } => panic!("{} lies in a file", path.display()),
        })
    }

    /// Puts into an empty folder what is there after a cut.
    pub fn leave(&self, mode: Mode, dice: &mut Dice, to: &Path) {
        self.leave_node(0, mode, dice, to);
    }

    fn leave_node(&self, id: Id, mode: Mode, dice: &mut Dice, to: &Path) {
        let mut stays = || match mode {
            Mode::InOrder => true,
            Mode::TailDropped => false,
            Mode::HalfDropped => dice.coin(),
        };
        match &self.nodes[id] {
            Node::File { durable, pending } => {
                let mut bytes = durable.clone();
                for change in pending.iter().filter(|_| stays()) {
                    change.clone().to(&mut bytes);
                }
                fs::write(to, bytes).unwrap();
            }
            Node::Folder {
                durable, pending, ..
            } => {
                let mut names = durable.clone();
                for change in pending.iter().filter(|_| stays()) {
                    set(&mut names, change);
                }
                fs::create_dir_all(to).unwrap();
                for (name, id) in names {
                    self.leave_node(id, mode, dice, &to.join(name));
                }
            }
        }
    }
}

impl Change {
    fn to(self, file: &mut Vec<u8>) {
        match self {
            Self::Length(length) => file.resize(length, 0),
            Self::Write { at, bytes } => {
                let end = at + bytes.len();
                file.resize(file.len().max(end), 0);
                file[at..end].copy_from_slice(&bytes);
            }
        }
    }
}

fn folder(names: BTreeMap<String, Id>) -> Node {
    Node::Folder {
        durable: names.clone(),
        pending: Vec::new(),
        now: names,
    }
}

fn set(names: &mut BTreeMap<String, Id>, changed: &Names) {
    for (name, id) in changed {
        match id {
            Some(id) => names.insert(name.clone(), *id),
            None => names.remove(name),
        };
    }
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_str().unwrap().to_owned()
}
