import{J as o,w as t}from"./chunk-MK6KH65Y.js";function i({site:r}){return o("h2",{"data-site":r,children:t("tab_insight")})}export{i as InsightPage};
