import{H as o,u as t}from"./chunk-IFO5BVNP.js";function i({site:r}){return o("h2",{"data-site":r,children:t("tab_insight")})}export{i as InsightPage};
