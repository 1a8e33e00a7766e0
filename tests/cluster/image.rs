//! The image that the pods of tests run.

use landfall_image::Image;

use super::ClusterError;

/// A shell, a few commands of every day, and curl.
pub fn clients(name: &str) -> Result<Image, ClusterError> {
    let mut image = Image::new(name)
        .text("/etc/nsswitch.conf", "passwd: files\nhosts: files dns\n")
        .text("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\n")
        .program("/bin/sh", "/bin/dash")?;
    for program in ["cat", "date", "head", "id", "ls", "sleep", "tr", "wc"] {
        image = image.program(&format!("/bin/{program}"), format!("/bin/{program}"))?;
    }
    Ok(image.program("/usr/bin/curl", "/usr/bin/curl")?)
}
