//! Colours behind text. Grafana writes on them dark or light, by their brightness alone; its own names of colours mean
//! another one in each theme, and on several of them the text cannot be read.

use serde_json::Value;

use super::model::Panel;

/// Backgrounds on which Grafana's text has a contrast of 4.5 (WCAG 2.2, 1.4.3), in both themes. On the transparent one it
/// has the colour of other text.
pub(super) const READABLE: &[&str] =
    &["#C4162A", "#FFA640", "#F2CC0C", "#19730E", "#1F60C4", "#7C2EA3", "#5F6570", "transparent"];

/// The colours of a panel on which text stands.
pub(super) fn backgrounds(panel: &Panel) -> Vec<&str> {
    let config = &panel.field_config;
    let is_stat = panel.r#type == "stat";
    let defaults = is_stat.then_some(&config.defaults);
    let fields = config.overrides.iter().filter(|rule| {
        let is_background = |value: &Value| value["type"] == "color-background";
        is_stat || rule.properties.iter().any(|it| it.id == "custom.cellOptions" && is_background(&it.value))
    });
    let values = defaults.into_iter().chain(fields.flat_map(|rule| &rule.properties).map(|it| &it.value));
    values.flat_map(colors).collect()
}

/// All colours in a value.
fn colors(value: &Value) -> Vec<&str> {
    match value {
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(key, inner)| match inner.as_str() {
                Some(color) if key == "color" || key == "fixedColor" => vec![color],
                _ => colors(inner),
            })
            .collect(),
        Value::Array(items) => items.iter().flat_map(colors).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn text_on_every_background_is_readable() {
    for color in READABLE.iter().filter(|color| **color != "transparent") {
        let rgb = u32::from_str_radix(&color[1..], 16).unwrap().to_be_bytes();
        let channels = [f64::from(rgb[1]), f64::from(rgb[2]), f64::from(rgb[3])];
        // As Grafana chooses it (getTextColorForAlphaBackground).
        let [red, green, blue] = channels;
        let is_bright = (red * 299.0 + green * 587.0 + blue * 114.0) / 1000.0 > 180.0;
        let text = if is_bright { [32.0, 34.0, 38.0] } else { [247.0, 248.0, 250.0] };
        let (one, other) = (luminance(channels), luminance(text));
        let contrast = (one.max(other) + 0.05) / (one.min(other) + 0.05);
        assert!(contrast >= 4.5, "{color}: {contrast:.2}");
    }
}

/// Relative luminance of WCAG 2.2, of channels from 0 to 255.
fn luminance(channels: [f64; 3]) -> f64 {
    let [red, green, blue] = channels.map(|channel| {
        let share = channel / 255.0;
        if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}
